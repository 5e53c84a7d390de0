# The regular calls of main.tf. Cloud Scheduler repeats a failed one only when told to.

resource "google_cloud_scheduler_job" "this" {
  for_each = local.schedules

  project     = var.project
  region      = var.region
  name        = "${var.env}-${each.key}"
  description = "Calls ${each.value.path} every ${each.value.every_s} seconds"
  time_zone   = "Etc/UTC"
  # What is called every hour is called at different minutes, so that they do not start together.
  schedule = (each.value.every_s < 3600
    ? "*/${each.value.every_s / 60} * * * *"
    : "${(index(keys(local.schedules), each.key) * 17 + 5) % 60} */${each.value.every_s / 3600} * * *"
  )
  attempt_deadline = "${local.functions[each.value.function].timeout_s}s"

  retry_config {
    retry_count          = 3
    min_backoff_duration = "5s"
    max_backoff_duration = "60s"
    max_doublings        = 4
  }

  http_target {
    http_method = "POST"
    uri         = "${local.addresses[each.value.function]}${each.value.path}"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = google_service_account.jobs.email
      audience              = local.jobs_audience
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.jobs]
}
