variable "alert_emails" {
  description = "Who is mailed when an alert fires; without anybody, alerts are only shown in the console."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alert_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+$", email))])
    error_message = "Each entry of alert_emails must be a mail address."
  }
}

variable "alerts" {
  description = "When alerts fire: lag_s is how late jobs start, queue_depth how many wait, errors and failed_tries how many of one reason in five minutes, failed_deliveries how many batches a webhook refused in an hour."
  type = object({
    lag_s             = optional(number, 300)
    queue_depth       = optional(number, 5000)
    errors            = optional(number, 5)
    failed_tries      = optional(number, 100)
    failed_deliveries = optional(number, 10)
  })
  default = {}

  validation {
    condition     = alltrue([for limit in values(var.alerts) : limit >= 0])
    error_message = "The limits of alerts must not be negative."
  }
}

variable "budget" {
  description = "Mails the billing account's administrators, and alert_emails, at these shares of a monthly amount; null: no budget. One for the whole project: set it in one environment."
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string)
    shares          = optional(list(number), [0.5, 0.9, 1.0])
  })
  default = null

  validation {
    condition     = var.budget == null ? true : can(regex("^[0-9A-F]{6}(-[0-9A-F]{6}){2}$", var.budget.billing_account))
    error_message = "budget.billing_account must look like 012345-6789AB-CDEF01: gcloud billing accounts list."
  }
  validation {
    condition     = var.budget == null ? true : var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount
    error_message = "budget.amount must be a whole number of at least 1, in the billing account's currency."
  }
}

variable "deletion_protection" {
  description = "Refuses to delete the database, the services and the secrets. To destroy a deployment, apply with false first."
  type        = bool
  default     = true
}

variable "deployment" {
  description = "The stable id that is part of every event Tandem makes: never change it, and keep it when restoring elsewhere. Null: project and env."
  type        = string
  default     = null

  validation {
    condition     = var.deployment == null ? true : can(regex("^[a-z0-9][a-z0-9-]{2,62}$", var.deployment))
    error_message = "deployment must be 3 to 63 lower-case letters, digits and dashes."
  }
}

variable "domain" {
  description = "One host of your own for every public function, behind a load balancer; null: each has its own run.app address. dns_zone: a managed zone of this project that gets the record. requests_per_min: what one address may call before Cloud Armor refuses it; null: no Cloud Armor."
  type = object({
    name             = string
    dns_zone         = optional(string)
    requests_per_min = optional(number)
  })
  default = null

  validation {
    condition     = var.domain == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "domain.name must be a host name such as tandem.example.com, without https:// and path."
  }
  validation {
    condition     = try(var.domain.requests_per_min, null) == null ? true : var.domain.requests_per_min >= 10
    error_message = "domain.requests_per_min must be at least 10."
  }
}

variable "env" {
  description = "The environment: prefix of every name, so that several live in one project side by side."
  type        = string
  default     = "tandem"

  validation {
    # An account's id has at most 30 characters, and the longest function's name takes 16 and a dash of them.
    condition     = can(regex("^[a-z][a-z0-9-]{0,10}[a-z0-9]$", var.env))
    error_message = "env must be 2 to 12 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "firestore" {
  description = "The database. location can never be changed afterwards (null: var.region); name too. backups_days: how long the daily backups are kept."
  type = object({
    location     = optional(string)
    name         = optional(string)
    backups_days = optional(number, 14)
  })
  default = {}

  validation {
    condition     = var.firestore.name == null ? true : var.firestore.name == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.firestore.name))
    error_message = "firestore.name must be (default), or 4 to 63 lower-case letters, digits and dashes."
  }
  validation {
    condition     = var.firestore.backups_days >= 1 && var.firestore.backups_days <= 98
    error_message = "firestore.backups_days must be 1 to 98."
  }
}

variable "functions" {
  description = "Changes how single functions scale, by their name; what is not given stays as in main.tf."
  type = map(object({
    concurrency   = optional(number)
    max_instances = optional(number)
    memory        = optional(string)
    min_instances = optional(number, 0)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.functions), keys(local.functions))) == 0
    error_message = "functions may only name these: ${join(", ", keys(local.functions))}."
  }
  validation {
    condition = alltrue([
      for each in values(var.functions) :
      coalesce(each.max_instances, 1) >= 1 && coalesce(each.concurrency, 1) >= 1 && each.min_instances >= 0
    ])
    error_message = "concurrency and max_instances must be at least 1, min_instances at least 0."
  }
}

variable "image" {
  description = "The image to run, by its digest (HOST/PROJECT/REPOSITORY/NAME@sha256:…); a former one is the rollback. Null: it is built from this checkout with Cloud Build."
  type        = string
  default     = null

  validation {
    condition     = var.image == null ? true : can(regex("^[^@[:space:]]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a digest, …@sha256:…; a tag could be another image tomorrow."
  }
}

variable "keys_version" {
  description = "The version of the secret that holds TANDEM_KEYS. A number changes only when you say so, with a new revision of every function: add a new key behind the others first, and put it first in the version after that."
  type        = string
  default     = "latest"

  validation {
    condition     = can(regex("^(latest|[1-9][0-9]*)$", var.keys_version))
    error_message = "keys_version must be latest or a version's number."
  }
}

variable "oauth_client" {
  description = "Id and secret of the operator's Google OAuth client (type Web application). Null: not yet; the first apply prints the redirect URI that it needs."
  type = object({
    id     = string
    secret = string
  })
  default   = null
  sensitive = true

  validation {
    condition     = var.oauth_client == null ? true : endswith(var.oauth_client.id, ".apps.googleusercontent.com") && length(var.oauth_client.secret) > 0
    error_message = "oauth_client.id must end in .apps.googleusercontent.com, and oauth_client.secret must not be empty."
  }
}

variable "project" {
  description = "The id of the Google Cloud project, with billing enabled."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project id, neither its name nor its number: gcloud projects list."
  }
}

variable "region" {
  description = "Where functions and queues run, and the database unless firestore.location says otherwise. The addresses hold it: changing it changes every address."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a Cloud Run region such as europe-west1."
  }
}

variable "settings" {
  description = "How Tandem behaves; null: its own default."
  type = object({
    coalesce_s      = optional(number)
    log_level       = optional(string, "INFO")
    poll_s          = optional(number)
    relay_refused   = optional(list(string), [])
    relay_return_to = optional(list(string), [])
    relay_url       = optional(string)
    safety_pull_s   = optional(number)
  })
  default = {}

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.settings.log_level)
    error_message = "settings.log_level must be DEBUG, INFO, WARNING or ERROR."
  }
}
