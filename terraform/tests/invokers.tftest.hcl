# Who may call what, and what each may touch.

mock_provider "google" {
  override_during = plan

  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
  mock_resource "google_service_account" {
    defaults = { email = "function@test", member = "serviceAccount:function@test", id = "projects/acme-crm/serviceAccounts/function@test", name = "projects/acme-crm/serviceAccounts/function@test" }
  }
}

override_resource {
  target          = google_service_account.jobs
  override_during = plan
  values          = { email = "jobs@test", member = "serviceAccount:jobs@test", name = "projects/acme-crm/serviceAccounts/jobs@test" }
}

variables {
  project = "acme-crm"
  region  = "europe-west1"
}

run "each_may_call_and_touch_what_it_needs" {
  command = plan

  # Anybody may call the public functions.
  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.public)) == toset(["api", "calendar_webhook", "oauth", "portal", "relay"])
    error_message = "public are ${join(", ", keys(google_cloud_run_v2_service_iam_member.public))}"
  }
  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service_iam_member.public : it.member == "allUsers" && it.role == "roles/run.invoker"])
    error_message = "a public function has another caller"
  }

  # Only the jobs account may call the others.
  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.jobs)) == setsubtract(keys(local.functions), keys(google_cloud_run_v2_service_iam_member.public))
    error_message = "a function is neither public nor a job, or both"
  }
  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service_iam_member.jobs : it.member == google_service_account.jobs.member && it.role == "roles/run.invoker"])
    error_message = "a job function has another caller"
  }
  assert {
    condition     = alltrue([for name, it in google_cloud_run_v2_service.this : it.ingress == (local.functions[name].public ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY")])
    error_message = "a job function is reached from outside"
  }

  # Jobs have one audience that opens nothing else.
  assert {
    condition = alltrue([
      for name, it in google_cloud_run_v2_service.this :
      local.functions[name].public ? length(it.custom_audiences) == 0 : it.custom_audiences == tolist([local.jobs_audience])
    ])
    error_message = "a public function takes the jobs' tokens, or a job function does not"
  }
  assert {
    condition     = alltrue([for it in google_cloud_scheduler_job.this : it.http_target[0].oidc_token[0].audience == local.jobs_audience && it.http_target[0].oidc_token[0].service_account_email == google_service_account.jobs.email])
    error_message = "the scheduler calls in another name, or for somebody else"
  }
  assert {
    condition = alltrue([
      for it in google_cloud_run_v2_service.this :
      one([for env in it.template[0].containers[0].env : env.value if env.name == "TANDEM_JOBS_AUDIENCE"]) == local.jobs_audience
    ])
    error_message = "a function expects or sends another audience"
  }

  # The webhook touches neither store nor clients secrets.
  assert {
    condition     = !contains(keys(google_project_iam_member.store), "calendar_webhook") && !contains(keys(google_project_iam_member.tenant_secrets_read), "calendar_webhook")
    error_message = "the webhook may do more than prove and enqueue"
  }
  assert {
    condition     = [for key in keys(google_cloud_tasks_queue_iam_member.enqueues) : key if startswith(key, "calendar_webhook:")] == ["calendar_webhook:pull"]
    error_message = "the webhook may enqueue something else than pulls"
  }

  # Only the api keeps tenants secrets.
  assert {
    condition     = keys(google_project_iam_member.tenant_secrets_made) == ["api"] && keys(google_project_iam_member.tenant_secrets_kept) == ["api"]
    error_message = "others may keep secrets too"
  }
  assert {
    condition     = alltrue([for it in google_project_iam_member.tenant_secrets_read : strcontains(it.condition[0].expression, "projects/123456789012/secrets/tandem-tenant-")])
    error_message = "other secrets of the project can be read too"
  }

  # Every account sees one database.
  assert {
    condition     = alltrue([for it in google_project_iam_member.store : it.condition[0].expression == "resource.name == \"projects/acme-crm/databases/tandem-store\""])
    error_message = "an account sees other databases of the project"
  }
}
