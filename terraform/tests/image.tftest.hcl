# Where the image comes from.

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

run "a_given_image_is_run_by_its_digest_and_nothing_is_built" {
  command = plan

  variables {
    image = "europe-docker.pkg.dev/other/tandem/tandem@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service.this : it.template[0].containers[0].image == var.image])
    error_message = "another image runs"
  }
  assert {
    condition     = length(terraform_data.image) + length(google_artifact_registry_repository.this) + length(google_storage_bucket.sources) + length(google_service_account.build) == 0
    error_message = "something is built, or made for building"
  }
}

run "a_tag_is_refused" {
  command = plan

  variables {
    image = "europe-docker.pkg.dev/other/tandem/tandem:latest"
  }

  expect_failures = [var.image]
}

run "without_one_it_is_built_once_under_the_hash_of_its_sources" {
  command = plan

  assert {
    condition     = can(regex("^europe-west1-docker\\.pkg\\.dev/acme-crm/tandem/tandem:[0-9a-f]{16}$", output.image))
    error_message = "the image is ${output.image}"
  }
  assert {
    condition     = length(terraform_data.image) == 1 && terraform_data.image[0].triggers_replace == output.image
    error_message = "it is built more than once, or not when its sources changed"
  }
  assert {
    condition     = google_artifact_registry_repository.this[0].docker_config[0].immutable_tags
    error_message = "a tag could become another image"
  }
}
