# Two environments in one project share nothing that has a name.

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
  domain  = { name = "tandem.example.com", requests_per_min = 600 }
}

run "an_environment_shares_nothing_that_has_a_name" {
  command = plan

  variables {
    env = "stage"
  }

  assert {
    condition = alltrue([for name in concat(
      values(google_cloud_run_v2_service.this)[*].name,
      values(google_service_account.function)[*].account_id,
      [google_service_account.jobs.account_id, google_service_account.build[0].account_id],
      values(google_cloud_tasks_queue.this)[*].name,
      values(google_cloud_scheduler_job.this)[*].name,
      [google_firestore_database.this.name, google_secret_manager_secret.keys.secret_id],
      [google_artifact_registry_repository.this[0].repository_id],
      [trimprefix(google_storage_bucket.sources[0].name, "acme-crm-")],
      values(google_logging_metric.this)[*].name,
      [google_project_iam_custom_role.secret_maker.role_id, google_project_iam_custom_role.secret_keeper.role_id],
      values(google_compute_backend_service.this)[*].name,
      values(google_compute_region_network_endpoint_group.this)[*].name,
      [google_compute_global_address.this[0].name, google_compute_managed_ssl_certificate.this[0].name],
      [google_compute_security_policy.this[0].name, google_compute_ssl_policy.this[0].name, google_compute_url_map.this[0].name],
    ) : startswith(name, "stage")])
    error_message = "a name is not this environment's own"
  }
  assert {
    condition     = output.deployment == "acme-crm-stage" && local.jobs_audience == "https://jobs.tandem.internal/acme-crm/stage"
    error_message = "the environment takes another one's events or jobs for its own"
  }

  # Each reaches its own database and secrets only.
  assert {
    condition     = alltrue([for it in google_project_iam_member.store : endswith(it.condition[0].expression, "/databases/stage-store\"")])
    error_message = "an account sees another environment's database"
  }
  assert {
    condition     = alltrue([for it in google_project_iam_member.tenant_secrets_read : strcontains(it.condition[0].expression, "/secrets/stage-tenant-")])
    error_message = "an account sees another environment's secrets"
  }
  assert {
    condition     = alltrue([for it in google_logging_metric.this : strcontains(it.filter, "|stage-sync-task") && !strcontains(it.filter, "tandem-")])
    error_message = "another environment's lines are counted too"
  }
}

run "a_name_that_no_account_could_have_is_refused" {
  command = plan

  variables {
    env = "production-eu"
  }

  expect_failures = [var.env]
}
