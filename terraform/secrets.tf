# The deployment's keys and the operator's OAuth client secret; neither is ever in the state. Secrets of tenants' own
# OAuth clients are added by the API at run time, under names that begin with local.tenant_secrets.

resource "google_secret_manager_secret" "keys" {
  project             = var.project
  secret_id           = "${var.env}-keys"
  deletion_protection = var.deletion_protection

  replication {
    auto {}
  }

  depends_on = [google_project_service.this]
}

# The first key, made here and now and kept nowhere else; later ones are added by hand, newest first.
resource "terraform_data" "first_key" {
  triggers_replace = google_secret_manager_secret.keys.id

  provisioner "local-exec" {
    environment = { SECRET = google_secret_manager_secret.keys.id }
    command     = "bash \"${path.module}/first_key\""
  }
}

resource "google_secret_manager_secret_iam_member" "keys" {
  for_each = local.functions

  project   = var.project
  secret_id = google_secret_manager_secret.keys.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.key].member
}

resource "google_secret_manager_secret" "oauth_client" {
  count = local.has_oauth_client ? 1 : 0

  project             = var.project
  secret_id           = "${var.env}-oauth-client"
  deletion_protection = var.deletion_protection

  replication {
    auto {}
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "oauth_client" {
  count = local.has_oauth_client ? 1 : 0

  secret         = google_secret_manager_secret.oauth_client[0].id
  secret_data_wo = var.oauth_client.secret
  # Another secret has another number, so changing it makes a new version; 32 bits of its hash give nothing away.
  secret_data_wo_version = parseint(substr(sha256(nonsensitive(var.oauth_client.secret)), 0, 8), 16)
  deletion_policy        = "DISABLE"

  # The services take the new one before the former is disabled.
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "oauth_client" {
  for_each = { for function, it in local.functions : function => it if it.client && local.has_oauth_client }

  project   = var.project
  secret_id = google_secret_manager_secret.oauth_client[0].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.key].member
}

resource "google_project_iam_member" "tenant_secrets_read" {
  for_each = { for function, it in local.functions : function => it if it.google }

  project = var.project
  role    = "roles/secretmanager.secretAccessor"
  member  = google_service_account.function[each.key].member

  condition {
    title      = "${var.env}-tenant-secrets"
    expression = local.is_tenant_secret
  }
}

# A secret that is not there yet has no name that a condition could ask for, so making one is a right of its own.
resource "google_project_iam_custom_role" "secret_maker" {
  project     = var.project
  role_id     = "${replace(var.env, "-", "_")}_secret_maker"
  title       = "Tandem (${var.env}): makes secrets"
  description = "Makes empty secrets and nothing else"
  permissions = ["secretmanager.secrets.create"]

  depends_on = [google_project_service.this]
}

resource "google_project_iam_custom_role" "secret_keeper" {
  project     = var.project
  role_id     = "${replace(var.env, "-", "_")}_secret_keeper"
  title       = "Tandem (${var.env}): keeps tenants' secrets"
  description = "Adds versions to tenants' secrets and deletes them"
  permissions = ["secretmanager.secrets.delete", "secretmanager.versions.add"]

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "tenant_secrets_made" {
  for_each = { for function, it in local.functions : function => it if it.secrets }

  project = var.project
  role    = google_project_iam_custom_role.secret_maker.name
  member  = google_service_account.function[each.key].member
}

resource "google_project_iam_member" "tenant_secrets_kept" {
  for_each = { for function, it in local.functions : function => it if it.secrets }

  project = var.project
  role    = google_project_iam_custom_role.secret_keeper.name
  member  = google_service_account.function[each.key].member

  condition {
    title      = "${var.env}-tenant-secrets"
    expression = local.is_tenant_secret
  }
}

locals {
  has_oauth_client = nonsensitive(var.oauth_client != null)
  tenant_secrets   = "${var.env}-tenant-"
  is_tenant_secret = "resource.name.startsWith(\"projects/${data.google_project.this.number}/secrets/${local.tenant_secrets}\")"
}
