# The queues between the functions, with the rates and retries of main.tf, and who may add to which.

resource "google_cloud_tasks_queue" "this" {
  for_each = local.queues

  project  = var.project
  location = var.region
  name     = "${var.env}-${each.key}"

  rate_limits {
    max_dispatches_per_second = each.value.dispatches_per_s
    max_concurrent_dispatches = each.value.concurrent
  }

  retry_config {
    max_attempts = each.value.attempts
    # Durations as the API gives them back: whole seconds, or three digits behind the point.
    min_backoff = floor(each.value.min_backoff_s) == each.value.min_backoff_s ? "${each.value.min_backoff_s}s" : format("%.3fs", each.value.min_backoff_s)
    max_backoff = floor(each.value.max_backoff_s) == each.value.max_backoff_s ? "${each.value.max_backoff_s}s" : format("%.3fs", each.value.max_backoff_s)
    # Doubled until max_backoff is reached, however long that takes.
    max_doublings = 16
  }

  depends_on = [google_project_service.this]
}

resource "google_cloud_tasks_queue_iam_member" "enqueues" {
  for_each = merge([
    for function, it in local.functions : { for queue in it.enqueues : "${function}:${queue}" => { function = function, queue = queue } }
  ]...)

  project  = var.project
  location = var.region
  name     = google_cloud_tasks_queue.this[each.value.queue].name
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.function[each.value.function].member
}
