# What is measured, what alerts, and one page that shows it.

resource "google_logging_metric" "this" {
  for_each = local.log_metrics

  project     = var.project
  name        = "${var.env}/${each.key}"
  description = each.value.text
  filter = join(" AND ", [
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.service_name=~\"^(${join("|", values(local.names))})$\"",
    each.value.filter,
  ])
  label_extractors = {
    function = "EXTRACT(resource.labels.service_name)"
    outcome  = "EXTRACT(jsonPayload.outcome)"
    error    = "EXTRACT(jsonPayload.error)"
    reason   = "EXTRACT(jsonPayload.reason)"
  }

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    display_name = "Tandem (${var.env}): ${each.value.text}"

    dynamic "labels" {
      for_each = ["function", "outcome", "error", "reason"]

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = var.project
  type         = "email"
  display_name = "Tandem (${var.env}): ${each.key}"
  labels       = { email_address = each.key }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_uptime_check_config" "api" {
  project      = var.project
  display_name = "Tandem (${var.env}): API"
  period       = "300s"
  timeout      = "10s"

  http_check {
    path         = "/openapi.json"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = trimprefix(local.addresses["api"], "https://") }
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  project               = var.project
  display_name          = "Tandem (${var.env}): ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = each.value.below ? "COMPARISON_LT" : "COMPARISON_GT"
      threshold_value = each.value.limit
      duration        = each.value.duration

      aggregations {
        alignment_period     = each.value.period
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
        group_by_fields      = each.value.by
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.remedy
  }

  alert_strategy {
    auto_close = "86400s"
  }

  user_labels = { tandem = var.env }

  # A metric can be alerted on only once it is there.
  depends_on = [google_logging_metric.this]
}

resource "google_monitoring_dashboard" "this" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = "Tandem (${var.env})"
    mosaicLayout = {
      columns = 48
      tiles = [
        for number, tile in local.tiles : {
          xPos = number % 2 * 24, yPos = floor(number / 2) * 16, width = 24, height = 16,
          widget = {
            title = tile.title
            xyChart = {
              dataSets = [{
                plotType       = "LINE"
                legendTemplate = tile.legend
                timeSeriesQuery = { timeSeriesFilter = {
                  filter = tile.filter
                  aggregation = {
                    alignmentPeriod    = "60s", perSeriesAligner = tile.aligner,
                    crossSeriesReducer = tile.reducer, groupByFields = tile.by
                  }
                } }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.this]
}

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  is_our_queue   = "resource.type=\"cloud_tasks_queue\" AND resource.labels.queue_id=monitoring.regex.full_match(\"${join("|", values(google_cloud_tasks_queue.this)[*].name)}\")"
  is_our_service = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"${join("|", values(local.names))}\")"
  counted = {
    for name in keys(local.log_metrics) :
    name => "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${var.env}/${name}\""
  }
  lag   = "metric.type=\"cloudtasks.googleapis.com/queue/task_attempt_delays\" AND ${local.is_our_queue}"
  depth = "metric.type=\"cloudtasks.googleapis.com/queue/depth\" AND ${local.is_our_queue}"

  alerts = merge(
    {
      lag = {
        title    = "jobs start late", severity = "WARNING", filter = local.lag, limit = var.alerts.lag_s * 1000, below = false,
        duration = "300s", period = "300s", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.labels.queue_id"],
        remedy   = "Jobs wait longer than ${var.alerts.lag_s} s. Look at the errors by reason: a throttled or failing function holds its queue. If nothing fails, raise max_instances of that queue's function."
      }
      depth = {
        title    = "many jobs wait", severity = "WARNING", filter = local.depth, limit = var.alerts.queue_depth, below = false,
        duration = "600s", period = "300s", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.labels.queue_id"],
        remedy   = "More than ${var.alerts.queue_depth} jobs wait for 10 minutes. After a big import or a reconnect this passes by itself. Otherwise look at the errors by reason."
      }
      uptime = {
        title    = "the API does not answer", severity = "CRITICAL", limit = 0.5, below = true,
        filter   = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.api.uptime_check_id}\"",
        duration = "300s", period = "300s", aligner = "ALIGN_FRACTION_TRUE", reducer = "REDUCE_MEAN", by = ["resource.labels.host"],
        remedy   = "Less than half of the checks of /openapi.json passed for 5 minutes. Look at the api service's revisions and logs; the former image digest is the rollback."
      }
    },
    {
      for name, it in local.log_metric_alerts : name => {
        title    = it.title, severity = it.severity, filter = local.counted[name], limit = it.limit, below = false,
        duration = "0s", period = it.period, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.labels.error", "metric.labels.reason"], remedy = it.remedy
      }
    },
  )
  log_metric_alerts = {
    errors = {
      title  = "errors", severity = "ERROR", limit = var.alerts.errors, period = "300s",
      remedy = "More than ${var.alerts.errors} errors of one reason in 5 minutes. The lines, in the Logs Explorer: severity>=ERROR and resource.labels.service_name=~\"^${var.env}-\". unavailable: Google or Firestore; bug: ours, roll back to the former image digest."
    }
    failed_tries = {
      title  = "Google or the store refuses many tries", severity = "WARNING", limit = var.alerts.failed_tries, period = "300s",
      remedy = "More than ${var.alerts.failed_tries} tries of one reason in 5 minutes; each is tried again, or shown on its task. rate_limited, quota_exceeded: raise the Calendar API's quota. google_unavailable, store_unavailable: see Google's status pages. client_refused: the variable oauth_client is not what Google's console shows. Any other reason: what Google refuses for good, the task's error has the remedy."
    }
    needs_reconnect = {
      title  = "connections need their user", severity = "WARNING", limit = 0, period = "3600s",
      remedy = "Google no longer takes a user's grant. The CRM was told; that user must connect again. Many at once: the OAuth client was changed, or the consent screen is still in testing, where grants end after seven days."
    }
    needs_review = {
      title  = "the brake holds a mass change", severity = "WARNING", limit = 0, period = "3600s",
      remedy = "Nothing was changed. Look at the connection's held list, then confirm or discard it."
    }
    renewals_failed = {
      title  = "channels near their end", severity = "WARNING", limit = 0, period = "3600s",
      remedy = "Renewing a channel failed and is tried again. Until it succeeds, that calendar is read at its regular pace only. Look at the reason."
    }
    deliveries_failed = {
      title  = "a webhook refuses deliveries", severity = "WARNING", limit = var.alerts.failed_deliveries, period = "3600s",
      remedy = "A CRM's webhook does not take its batches. They are tried for 3 days, then given up; the feed keeps everything for 30 days. Ask whoever runs the CRM."
    }
  }

  tiles = concat(
    [
      { title = "Jobs start late (95 %), ms", filter = local.lag, aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.labels.queue_id"], legend = "$${resource.labels.queue_id}" },
      { title = "Jobs that wait", filter = local.depth, aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.labels.queue_id"], legend = "$${resource.labels.queue_id}" },
      { title = "Requests by function", filter = "metric.type=\"run.googleapis.com/request_count\" AND ${local.is_our_service}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.labels.service_name"], legend = "$${resource.labels.service_name}" },
      { title = "Answers by class", filter = "metric.type=\"run.googleapis.com/request_count\" AND ${local.is_our_service}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.labels.response_code_class"], legend = "$${metric.labels.response_code_class}" },
      { title = "Latency (95 %), ms", filter = "metric.type=\"run.googleapis.com/request_latencies\" AND ${local.is_our_service}", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.labels.service_name"], legend = "$${resource.labels.service_name}" },
      { title = "Instances", filter = "metric.type=\"run.googleapis.com/container/instance_count\" AND ${local.is_our_service}", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.labels.service_name"], legend = "$${resource.labels.service_name}" },
    ],
    [
      for name, it in local.log_metrics :
      { title = it.text, filter = local.counted[name], aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.labels.error", "metric.labels.reason"], legend = "$${metric.labels.error} $${metric.labels.reason}" }
    ],
  )
}
