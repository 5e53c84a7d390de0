# One Cloud Run service per function, all from one image; they differ in target, account, scaling and who may call them.

resource "google_cloud_run_v2_service" "this" {
  for_each = local.functions

  project             = var.project
  location            = var.region
  name                = local.names[each.key]
  description         = "Tandem (${var.env}): ${each.key}"
  deletion_protection = var.deletion_protection
  # Cloud Tasks and Cloud Scheduler of the same project count as internal.
  # https://docs.cloud.google.com/run/docs/securing/ingress
  ingress          = local.ingress[each.key]
  custom_audiences = each.value.public ? [] : [local.jobs_audience]
  labels           = { tandem = var.env }

  template {
    service_account                  = google_service_account.function[each.key].email
    timeout                          = "${each.value.timeout_s}s"
    max_instance_request_concurrency = local.scaling[each.key].concurrency

    scaling {
      min_instance_count = local.scaling[each.key].min_instances
      max_instance_count = local.scaling[each.key].max_instances
    }

    containers {
      image = local.image

      resources {
        limits            = { cpu = "1", memory = local.scaling[each.key].memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(local.environment, {
          FUNCTION_TARGET = each.key
          # The framework's threads: as many as requests may come at once.
          THREADS = tostring(local.scaling[each.key].concurrency)
        })

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = merge(
          { TANDEM_KEYS = { secret = google_secret_manager_secret.keys.secret_id, version = var.keys_version } },
          each.value.client && local.has_oauth_client ? {
            TANDEM_OAUTH_CLIENT_SECRET = {
              secret  = google_secret_manager_secret.oauth_client[0].secret_id
              version = google_secret_manager_secret_version.oauth_client[0].version
            }
          } : {}
        )

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }

      dynamic "env" {
        for_each = each.value.client && local.has_oauth_client ? { TANDEM_OAUTH_CLIENT_ID = nonsensitive(var.oauth_client.id) } : {}

        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }

  depends_on = [
    google_secret_manager_secret_iam_member.keys,
    google_secret_manager_secret_iam_member.oauth_client,
    terraform_data.first_key,
    terraform_data.image,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "public" {
  for_each = { for function, it in local.functions : function => it if it.public }

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.this[each.key].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "jobs" {
  for_each = { for function, it in local.functions : function => it if !it.public }

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.this[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.jobs.member
}

locals {
  names = { for function in keys(local.functions) : function => "${var.env}-${replace(function, "_", "-")}" }

  # Known before anything is there, so that no function waits for another one's address.
  # https://docs.cloud.google.com/run/docs/triggering/https-request#deterministic
  own_addresses = {
    for function, name in local.names : function => "https://${name}-${data.google_project.this.number}.${var.region}.run.app"
  }
  # With a domain, everybody outside uses it; queues and schedules still call the services themselves.
  addresses = {
    for function, it in local.functions :
    function => it.public && var.domain != null ? "https://${var.domain.name}" : local.own_addresses[function]
  }
  ingress = {
    for function, it in local.functions : function => (
      !it.public ? "INGRESS_TRAFFIC_INTERNAL_ONLY" : var.domain == null ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    )
  }
  scaling = {
    for function, it in local.functions : function => {
      concurrency   = try(coalesce(var.functions[function].concurrency), it.concurrency)
      max_instances = try(coalesce(var.functions[function].max_instances), it.max_instances)
      memory        = try(coalesce(var.functions[function].memory), it.memory)
      min_instances = try(coalesce(var.functions[function].min_instances), 0)
    }
  }

  # Whom a job's token is for: one for all, so that it opens no address but this deployment's.
  jobs_audience = "https://jobs.tandem.internal/${var.project}/${var.env}"
  deployment    = coalesce(var.deployment, "${var.project}-${var.env}")

  environment = {
    for name, value in {
      GOOGLE_CLOUD_PROJECT   = var.project
      TANDEM_BACKEND         = "gcp"
      TANDEM_COALESCE_S      = var.settings.coalesce_s
      TANDEM_DATABASE        = local.database
      TANDEM_DEPLOYMENT      = local.deployment
      TANDEM_ENV             = var.env
      TANDEM_JOBS_ACCOUNT    = google_service_account.jobs.email
      TANDEM_JOBS_AUDIENCE   = local.jobs_audience
      TANDEM_LOG_LEVEL       = var.settings.log_level
      TANDEM_POLL_S          = var.settings.poll_s
      TANDEM_REGION          = var.region
      TANDEM_RELAY_REFUSED   = length(var.settings.relay_refused) == 0 ? null : join(",", var.settings.relay_refused)
      TANDEM_RELAY_RETURN_TO = length(var.settings.relay_return_to) == 0 ? null : join(",", var.settings.relay_return_to)
      TANDEM_RELAY_URL       = var.settings.relay_url
      TANDEM_SAFETY_PULL_S   = var.settings.safety_pull_s
      TANDEM_URLS            = jsonencode(local.addresses)
    } : name => tostring(value) if value != null
  }
}
