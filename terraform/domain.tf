# Optional: one host of one's own for every public function, behind a load balancer, and Cloud Armor before it.

resource "google_compute_global_address" "this" {
  count = local.has_domain

  project = var.project
  name    = "${var.env}-address"

  depends_on = [google_project_service.this]
}

resource "google_dns_record_set" "this" {
  count = try(var.domain.dns_zone, null) == null ? 0 : 1

  project      = var.project
  managed_zone = var.domain.dns_zone
  name         = "${var.domain.name}."
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_global_address.this[0].address]
}

# Google issues it once the name leads to the address, which takes up to an hour.
resource "google_compute_managed_ssl_certificate" "this" {
  count = local.has_domain

  project = var.project
  # Another domain needs another certificate, and the former one is in use until then.
  name = "${var.env}-${substr(sha256(var.domain.name), 0, 8)}"

  managed {
    domains = ["${var.domain.name}."]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_ssl_policy" "this" {
  count = local.has_domain

  project         = var.project
  name            = "${var.env}-tls"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.this]
}

resource "google_compute_region_network_endpoint_group" "this" {
  for_each = local.behind_domain

  project               = var.project
  region                = var.region
  name                  = local.names[each.key]
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.this[each.key].name
  }
}

resource "google_compute_backend_service" "this" {
  for_each = local.behind_domain

  project               = var.project
  name                  = local.names[each.key]
  load_balancing_scheme = "EXTERNAL_MANAGED"
  # Google's notifications come from few addresses and many at once, and their token is proved in milliseconds.
  security_policy = local.has_armor == 0 || each.key == "calendar_webhook" ? null : google_compute_security_policy.this[0].id

  backend {
    group = google_compute_region_network_endpoint_group.this[each.key].id
  }
}

resource "google_compute_security_policy" "this" {
  count = local.has_armor

  project = var.project
  name    = "${var.env}-armor"

  rule {
    action      = "throttle"
    priority    = 1000
    description = "So many requests a minute from one address"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.domain.requests_per_min
        interval_sec = 60
      }
    }
  }

  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Everybody else"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_url_map" "this" {
  count = local.has_domain

  project         = var.project
  name            = "${var.env}-paths"
  default_service = google_compute_backend_service.this["api"].id

  host_rule {
    hosts        = [var.domain.name]
    path_matcher = "functions"
  }

  path_matcher {
    name            = "functions"
    default_service = google_compute_backend_service.this["api"].id

    dynamic "path_rule" {
      for_each = local.behind_domain

      content {
        paths   = path_rule.value.paths
        service = google_compute_backend_service.this[path_rule.key].id
      }
    }
  }
}

resource "google_compute_target_https_proxy" "this" {
  count = local.has_domain

  project          = var.project
  name             = "${var.env}-https"
  url_map          = google_compute_url_map.this[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.this[0].id]
  ssl_policy       = google_compute_ssl_policy.this[0].id
}

resource "google_compute_global_forwarding_rule" "https" {
  count = local.has_domain

  project               = var.project
  name                  = "${var.env}-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.this[0].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.this[0].id
}

locals {
  has_domain    = var.domain == null ? 0 : 1
  has_armor     = try(var.domain.requests_per_min, null) == null ? 0 : 1
  behind_domain = { for function, it in local.functions : function => it if it.public && var.domain != null }
}
