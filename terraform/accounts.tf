# Who acts: an account per function with only what it touches, one that calls jobs, one that builds.

resource "google_service_account" "function" {
  for_each = local.functions

  project      = var.project
  account_id   = local.names[each.key]
  display_name = "Tandem (${var.env}): ${each.key}"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "jobs" {
  project      = var.project
  account_id   = "${var.env}-jobs"
  display_name = "Tandem (${var.env}): calls job functions, for Cloud Tasks and Cloud Scheduler"

  depends_on = [google_project_service.this]
}

# Whoever enqueues says in whose name the queue is to call.
resource "google_service_account_iam_member" "acts_as_jobs" {
  for_each = { for function, it in local.functions : function => it if length(it.enqueues) > 0 }

  service_account_id = google_service_account.jobs.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.function[each.key].member
}

# This environment's database, and no other one of the project.
# https://docs.cloud.google.com/firestore/native/docs/conditional-access
resource "google_project_iam_member" "store" {
  for_each = { for function, it in local.functions : function => it if it.store }

  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.function[each.key].member

  condition {
    title      = "${var.env}-store"
    expression = "resource.name == \"projects/${var.project}/databases/${local.database}\""
  }
}
