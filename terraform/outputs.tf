output "api_url" {
  description = "Where a CRM calls the API; /docs has its reference."
  value       = "${local.addresses["api"]}/v1"
}

output "database_location" {
  description = "Where the data lives; it can never be changed."
  value       = google_firestore_database.this.location_id
}

output "deployment" {
  description = "The deployment's id, part of every event it makes: keep it, a restored deployment needs the same."
  value       = local.deployment
}

output "environment" {
  description = "What the command line needs to work on this deployment, besides TANDEM_KEYS."
  value       = local.environment
}

output "image" {
  description = "What runs. To go back to it later, take its digest and set the variable image."
  value       = local.image
}

output "load_balancer_address" {
  description = "The address that the domain's A record must name; null without a domain."
  value       = try(google_compute_global_address.this[0].address, null)
}

output "next_steps" {
  description = "What is left to do by hand."
  value       = join("\n", local.next_steps)
}

output "portal_url" {
  description = "Where users and administrators find their pages."
  value       = "${local.addresses["portal"]}/portal"
}

output "redirect_uri" {
  description = "To be registered with the Google OAuth client."
  value       = "${local.addresses["oauth"]}/oauth/callback"
}

output "relay_redirect_uri" {
  description = "To be registered with the Google OAuth client too, if installations without an address come through the relay."
  value       = "${local.addresses["relay"]}/relay/callback"
}

output "webhook_url" {
  description = "Where Google sends notifications."
  value       = "${local.addresses["calendar_webhook"]}/webhooks/google-calendar"
}

locals {
  next_steps = [
    for number, step in compact([
      try(var.domain.dns_zone, null) == null && var.domain != null ? "Point ${var.domain.name} (A record) to the output load_balancer_address; the certificate follows within an hour." : "",
      local.has_oauth_client ? "" : "Make an OAuth client of the type Web application at https://console.cloud.google.com/auth/clients?project=${var.project} with the redirect URI ${local.addresses["oauth"]}/oauth/callback, set the variable oauth_client to its id and secret, and apply again.",
      "Back up the keys, apart from the database: gcloud secrets versions access latest --secret=${google_secret_manager_secret.keys.secret_id} --project=${var.project}. Without them no grant opens.",
      "Check: set the variables of the output environment, and TANDEM_KEYS to what the command above prints, then python main.py doctor.",
      "Make the first tenant: python main.py tenants create NAME. It prints an API key once; the CRM calls ${local.addresses["api"]}/v1 with it.",
    ]) : "${number + 1}. ${step}"
  ]
}
