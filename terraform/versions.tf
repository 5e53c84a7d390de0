terraform {
  # 1.11 brought write-only arguments, which keep secrets out of the state.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # Besides Terraform, apply runs gcloud, signed in as whoever applies: for the first key and, without a given image, for
  # the build. Before the first apply, by hand, in an empty project: what Terraform needs to look at it, and the bucket that holds
  # the state, with one prefix per environment.
  #   gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com --project=PROJECT
  #   gcloud storage buckets create gs://PROJECT-tfstate --project=PROJECT --location=REGION --uniform-bucket-level-access
  #   gcloud storage buckets update gs://PROJECT-tfstate --versioning
  #   terraform init -backend-config=bucket=PROJECT-tfstate -backend-config=prefix=tandem
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region

  # Budgets are counted against a project, and a person's own credentials name none.
  billing_project       = var.project
  user_project_override = true
}
