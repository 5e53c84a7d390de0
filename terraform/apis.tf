# The services of Google's that a deployment uses. They stay enabled when it is destroyed: others may use them too. The two that
# Terraform itself needs to read and enable anything are enabled by hand before: versions.tf.

resource "google_project_service" "this" {
  for_each = toset(concat([
    "artifactregistry.googleapis.com",
    "calendar-json.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "cloudtasks.googleapis.com",
    "firestore.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
    "tasks.googleapis.com",
    ],
    var.domain == null ? [] : ["compute.googleapis.com"],
    var.domain == null ? [] : var.domain.dns_zone == null ? [] : ["dns.googleapis.com"],
    var.budget == null ? [] : ["billingbudgets.googleapis.com"],
  ))

  project            = var.project
  service            = each.key
  disable_on_destroy = false
}

# Its number is part of every address. Read at the plan, so that addresses stand in it.
data "google_project" "this" {
  project_id = var.project
}
