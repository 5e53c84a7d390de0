# The options that cost: a domain with its load balancer, Cloud Armor, a budget.

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
  target          = google_compute_security_policy.this
  override_during = plan
  values          = { id = "armor@test" }
}

override_resource {
  target          = google_service_account.jobs
  override_during = plan
  values          = { email = "jobs@test", member = "serviceAccount:jobs@test", name = "projects/acme-crm/serviceAccounts/jobs@test" }
}

variables {
  project = "acme-crm"
  region  = "europe-west1"
  domain  = { name = "tandem.example.com" }
}

run "a_domain_stands_before_the_public_functions" {
  command = plan

  # Everybody outside uses the domain.
  assert {
    condition     = output.redirect_uri == "https://tandem.example.com/oauth/callback" && output.webhook_url == "https://tandem.example.com/webhooks/google-calendar" && output.api_url == "https://tandem.example.com/v1"
    error_message = "an address has another host"
  }
  assert {
    condition     = strcontains(output.next_steps, "Point tandem.example.com (A record) to")
    error_message = "nobody says that the name must lead there"
  }

  # Jobs are still called at their own addresses.
  assert {
    condition     = local.addresses["sync_task"] == "https://tandem-sync-task-123456789012.europe-west1.run.app"
    error_message = "jobs go to ${local.addresses["sync_task"]}"
  }

  # Nobody goes round the load balancer.
  assert {
    condition     = alltrue([for name, it in google_cloud_run_v2_service.this : it.ingress == (local.functions[name].public ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_INTERNAL_ONLY")])
    error_message = "a function answers beside the load balancer"
  }

  # The load balancer leads to public functions only.
  assert {
    condition     = toset(keys(google_compute_backend_service.this)) == toset([for name, it in local.functions : name if it.public])
    error_message = "a job function is behind the load balancer, or a public one is not"
  }
  assert {
    condition     = toset(flatten([for rule in google_compute_url_map.this[0].path_matcher[0].path_rule : rule.paths])) == toset(flatten([for it in values(local.functions) : it.paths]))
    error_message = "a path leads nowhere"
  }
}

run "a_managed_zone_gets_the_record_and_armor_spares_the_webhook" {
  command = plan

  variables {
    domain = { name = "tandem.example.com", dns_zone = "example", requests_per_min = 600 }
  }

  assert {
    condition     = google_dns_record_set.this[0].name == "tandem.example.com." && contains(keys(google_project_service.this), "dns.googleapis.com")
    error_message = "the name leads nowhere"
  }
  assert {
    condition     = [for name, it in google_compute_backend_service.this : name if it.security_policy == null] == ["calendar_webhook"]
    error_message = "Google's notifications are throttled, or others are not"
  }
}

run "an_address_is_no_domain" {
  command = plan

  variables {
    domain = { name = "https://tandem.example.com/" }
  }

  expect_failures = [var.domain]
}

run "a_budget_counts_this_project" {
  command = plan

  variables {
    budget       = { billing_account = "012345-6789AB-CDEF01", amount = 50 }
    alert_emails = ["ops@example.com"]
  }

  assert {
    condition     = google_billing_budget.this[0].budget_filter[0].projects == toset(["projects/123456789012"]) && google_billing_budget.this[0].amount[0].specified_amount[0].units == "50"
    error_message = "the budget counts something else"
  }
  assert {
    condition     = [for rule in google_billing_budget.this[0].threshold_rules : rule.threshold_percent] == [0.5, 0.9, 1]
    error_message = "it tells at other shares"
  }
}
