# What one gets with nothing but a project and a region.

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

override_resource {
  target          = google_service_account.function["sync_task"]
  override_during = plan
  values          = { email = "sync-task@test", member = "serviceAccount:sync-task@test" }
}

run "a_project_and_a_region_are_enough" {
  command = plan

  # Every function is a service of its own from one image.
  assert {
    condition     = { for name, it in google_cloud_run_v2_service.this : name => it.name } == { for name in keys(local.functions) : name => "tandem-${replace(name, "_", "-")}" }
    error_message = "services and functions differ"
  }
  assert {
    condition     = length(toset([for it in google_cloud_run_v2_service.this : it.template[0].containers[0].image])) == 1
    error_message = "there is more than one image"
  }
  assert {
    condition = alltrue([
      for name, it in google_cloud_run_v2_service.this :
      one([for env in it.template[0].containers[0].env : env.value if env.name == "FUNCTION_TARGET"]) == name
    ])
    error_message = "a service serves another function than its own"
  }
  assert {
    condition     = [for name, it in google_cloud_run_v2_service.this : name if it.template[0].service_account == "sync-task@test"] == ["sync_task"]
    error_message = "a service runs as another account than its own"
  }

  # Nothing can cost without a ceiling.
  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service.this : it.template[0].scaling[0].max_instance_count > 0 && it.template[0].scaling[0].min_instance_count == 0])
    error_message = "a service has no ceiling, or costs while nothing happens"
  }

  # Addresses are known before anything is there.
  assert {
    condition     = output.redirect_uri == "https://tandem-oauth-123456789012.europe-west1.run.app/oauth/callback"
    error_message = "the redirect URI is ${output.redirect_uri}"
  }
  assert {
    condition     = output.webhook_url == "https://tandem-calendar-webhook-123456789012.europe-west1.run.app/webhooks/google-calendar"
    error_message = "the webhook is ${output.webhook_url}"
  }
  assert {
    condition     = output.api_url == "https://tandem-api-123456789012.europe-west1.run.app/v1"
    error_message = "the API is ${output.api_url}"
  }

  # Every service knows all addresses and who may call jobs.
  assert {
    condition = alltrue([
      for it in google_cloud_run_v2_service.this :
      toset(keys(jsondecode(one([for env in it.template[0].containers[0].env : env.value if env.name == "TANDEM_URLS"])))) == toset(keys(local.functions))
    ])
    error_message = "an address is missing"
  }
  assert {
    condition = alltrue([
      for it in google_cloud_run_v2_service.this :
      one([for env in it.template[0].containers[0].env : env.value if env.name == "TANDEM_JOBS_ACCOUNT"]) == google_service_account.jobs.email
    ])
    error_message = "a service takes jobs from another account"
  }

  # The database is protected and can be brought back.
  assert {
    condition     = google_firestore_database.this.location_id == "europe-west1" && google_firestore_database.this.name == "tandem-store"
    error_message = "the database is elsewhere"
  }
  assert {
    condition     = google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "the database can be deleted"
  }
  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "no moment of the last days can be brought back"
  }
  assert {
    condition     = google_firestore_backup_schedule.daily.retention == "1209600s"
    error_message = "backups are kept for ${google_firestore_backup_schedule.daily.retention}"
  }

  # An index over one field keeps what it replaces.
  # tasks.due_at is asked for in one tenant's tasks and in those of all.
  assert {
    condition     = toset([for index in google_firestore_field.grouped["tasks.due_at"].index_config[0].indexes : index.query_scope]) == toset(["COLLECTION", "COLLECTION_GROUP"])
    error_message = "one of the two scopes has no index"
  }
  assert {
    condition     = toset([for index in google_firestore_field.grouped["webhook.due_at"].index_config[0].indexes : index.query_scope]) == toset(["COLLECTION_GROUP"])
    error_message = "an index that no query names is made"
  }
  assert {
    condition     = length([for it in google_firestore_field.expiring : it if length(it.ttl_config) == 1 && length(it.index_config) == 1 && length(it.index_config[0].indexes) == 0]) == length(local.expiring)
    error_message = "a field that ends documents is indexed, or ends none"
  }

  # Composite indexes have their fields in order.
  assert {
    condition     = [for field in google_firestore_index.this["*calendars(tenant,watched,state)"].fields : field.field_path] == ["tenant", "watched", "state"]
    error_message = "fields are missing or out of order"
  }
  assert {
    condition     = google_firestore_index.this["*calendars(tenant,watched,state)"].query_scope == "COLLECTION_GROUP" && google_firestore_index.this["changes(told,at)"].query_scope == "COLLECTION"
    error_message = "an index answers for the wrong collections"
  }
  assert {
    condition     = [for field in google_firestore_index.backwards["changes"].fields : "${field.field_path} ${field.order}"] == ["at DESCENDING", "__name__ ASCENDING"]
    error_message = "what is asked for from its end has no index"
  }

  # Queues have the rates and retries of the table.
  assert {
    condition = alltrue([
      for name, it in google_cloud_tasks_queue.this :
      it.name == "tandem-${name}" &&
      it.rate_limits[0].max_dispatches_per_second == local.queues[name].dispatches_per_s &&
      it.rate_limits[0].max_concurrent_dispatches == local.queues[name].concurrent &&
      it.retry_config[0].max_attempts == local.queues[name].attempts
    ])
    error_message = "a queue differs from its table"
  }
  assert {
    condition     = google_cloud_tasks_queue.this["sync"].retry_config[0].min_backoff == "0.100s" && google_cloud_tasks_queue.this["sync"].retry_config[0].max_backoff == "3600s"
    error_message = "durations are written otherwise than the API gives them back"
  }

  # Schedules call their function and are repeated when they fail.
  assert {
    condition     = google_cloud_scheduler_job.this["sweep-tasks"].http_target[0].uri == "https://tandem-sweep-123456789012.europe-west1.run.app/jobs/sweep?kind=tasks"
    error_message = "sweep-tasks calls ${google_cloud_scheduler_job.this["sweep-tasks"].http_target[0].uri}"
  }
  assert {
    condition     = google_cloud_scheduler_job.this["sweep-webhooks"].schedule == "*/1 * * * *" && google_cloud_scheduler_job.this["sweep-orphans"].schedule == "*/30 * * * *"
    error_message = "a schedule keeps another pace than its table"
  }
  assert {
    condition     = can(regex("^[0-9]+ \\*/1 \\* \\* \\*$", google_cloud_scheduler_job.this["renew-channels"].schedule)) && google_cloud_scheduler_job.this["renew-channels"].schedule != google_cloud_scheduler_job.this["sweep-keys"].schedule
    error_message = "what runs hourly runs at another pace, or all at the same minute"
  }
  assert {
    condition     = alltrue([for it in google_cloud_scheduler_job.this : it.retry_config[0].retry_count > 0])
    error_message = "a failed call is not repeated"
  }

  # Without an oauth client the next step says how to get one.
  assert {
    condition     = length(google_secret_manager_secret.oauth_client) == 0
    error_message = "there is a secret for no client"
  }
  assert {
    condition     = strcontains(output.next_steps, "https://tandem-oauth-123456789012.europe-west1.run.app/oauth/callback")
    error_message = "the next steps do not name the redirect URI: ${output.next_steps}"
  }

  # Alerts stand on every counted line and on the platforms own numbers.
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.this)) == setunion(keys(local.log_metrics), ["lag", "depth", "uptime"])
    error_message = "a metric has no alert, or an alert no metric"
  }
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == 6 + length(local.log_metrics)
    error_message = "the dashboard shows something else"
  }

  # Nothing optional is made.
  assert {
    condition     = length(google_compute_global_address.this) + length(google_billing_budget.this) + length(google_compute_security_policy.this) == 0
    error_message = "something costs that nobody asked for"
  }
}

run "an_oauth_client_reaches_those_that_speak_to_google_and_nobody_else" {
  command = plan

  variables {
    oauth_client = { id = "1-a.apps.googleusercontent.com", secret = "made-up" }
  }

  assert {
    condition = toset([
      for name, it in google_cloud_run_v2_service.this : name
      if contains([for env in it.template[0].containers[0].env : env.name], "TANDEM_OAUTH_CLIENT_SECRET")
    ]) == toset([for name, it in local.functions : name if it.client])
    error_message = "the client's secret reaches others"
  }
  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service.this : !anytrue([for env in it.template[0].containers[0].env : coalesce(env.value, "-") == "made-up"])])
    error_message = "the client's secret stands in a service's environment"
  }
  assert {
    condition     = google_secret_manager_secret_version.oauth_client[0].secret_data == null
    error_message = "the client's secret would be kept in the state"
  }
  assert {
    condition     = !strcontains(output.next_steps, "OAuth client")
    error_message = "the next steps ask for what is there"
  }
}
