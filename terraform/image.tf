# The image that every function runs: the one that is given, or one built from this checkout when its sources changed.

resource "google_artifact_registry_repository" "this" {
  count = var.image == null ? 1 : 0

  project       = var.project
  location      = var.region
  repository_id = var.env
  description   = "Tandem (${var.env}): its images; a tag is the hash of the sources"
  format        = "DOCKER"

  docker_config {
    immutable_tags = true
  }

  cleanup_policies {
    id     = "drop-old-ones"
    action = "DELETE"

    condition {
      older_than = "7776000s"
    }
  }

  # What a rollback may want.
  cleanup_policies {
    id     = "keep-the-last"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  depends_on = [google_project_service.this]
}

# Sources on their way to the build.
resource "google_storage_bucket" "sources" {
  count = var.image == null ? 1 : 0

  project                     = var.project
  name                        = "${var.project}-${var.env}-sources"
  location                    = var.region
  force_destroy               = true
  public_access_prevention    = "enforced"
  uniform_bucket_level_access = true

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 7
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_service_account" "build" {
  count = var.image == null ? 1 : 0

  project      = var.project
  account_id   = "${var.env}-build"
  display_name = "Tandem (${var.env}): builds the image"

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_iam_member" "build" {
  count = var.image == null ? 1 : 0

  bucket = google_storage_bucket.sources[0].name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build[0].member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  count = var.image == null ? 1 : 0

  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.this[0].name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build[0].member
}

resource "google_project_iam_member" "build_logs" {
  count = var.image == null ? 1 : 0

  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.build[0].member
}

# A service's own build_config builds nothing, and a resource per function would build once each: this builds once.
resource "terraform_data" "image" {
  count = var.image == null ? 1 : 0

  triggers_replace = local.built_image

  provisioner "local-exec" {
    environment = {
      ACCOUNT = google_service_account.build[0].id
      IMAGE   = local.built_image
      PROJECT = var.project
      REGION  = var.region
      SOURCES = local.sources
      STAGING = "gs://${google_storage_bucket.sources[0].name}/sources"
    }
    command = "bash \"${path.module}/image/build\""
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build_logs,
    google_storage_bucket_iam_member.build,
  ]
}

locals {
  sources = abspath("${path.module}/..")
  # What the image is made of; image/gcloudignore says the same to the upload.
  source_files = [
    for file in sort(setunion(
      fileset(local.sources, "{main.py,requirements.txt}"),
      fileset(local.sources, "{functions,infra,shared}/**"),
      fileset(local.sources, "terraform/image/*"),
    )) : file if !can(regex("(^|/)__pycache__/|\\.pyc$|^infra/simulator/|^infra/embedded/demo", file))
  ]
  source_hash = substr(sha256(join("\n", [for file in local.source_files : "${file} ${filesha256("${local.sources}/${file}")}"])), 0, 16)
  built_image = "${var.region}-docker.pkg.dev/${var.project}/${var.env}/tandem:${local.source_hash}"
  image       = coalesce(var.image, local.built_image)
}
