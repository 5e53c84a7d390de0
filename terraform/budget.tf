# Optional: mails when the project costs more than these shares of a monthly amount. It stops nothing.

resource "google_billing_budget" "this" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = "Tandem (${var.env}) in ${var.project}"

  budget_filter {
    projects        = ["projects/${data.google_project.this.number}"]
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(var.budget.amount)
    }
  }

  dynamic "threshold_rules" {
    for_each = var.budget.shares

    content {
      threshold_percent = threshold_rules.value
    }
  }

  # At most five channels may be told.
  all_updates_rule {
    monitoring_notification_channels = slice(local.channels, 0, min(5, length(local.channels)))
    enable_project_level_recipients  = true
  }

  depends_on = [google_project_service.this]
}
