# What is deployed, as tables. They say the same as the code, and the project's tests compare them both ways.

locals {
  # One Cloud Run service each, under the name it has in main.py.
  #   public: anybody may call it, under these paths; the others take only the jobs account's token
  #   store: reads and writes documents; google: speaks to Google for users, so it opens tenants' OAuth clients' secrets
  #   client: opens the secret of the operator's own OAuth client
  #   secrets: keeps and forgets the secrets of tenants' own OAuth clients; enqueues: the queues it adds jobs to
  #   concurrency times max_instances is how much can run at once, and with it the most that it can cost
  functions = {
    oauth = {
      public      = true, paths = ["/oauth/*"], store = true, google = true, client = true, secrets = false,
      enqueues    = ["sync", "pull", "runs", "deliver"],
      concurrency = 8, max_instances = 3, timeout_s = 60, memory = "512Mi"
    }
    calendar_webhook = {
      public      = true, paths = ["/webhooks/google-calendar"], store = false, google = false, client = false, secrets = false,
      enqueues    = ["pull"],
      concurrency = 40, max_instances = 3, timeout_s = 30, memory = "512Mi"
    }
    api = {
      public      = true, paths = ["/v1/*", "/docs", "/docs/*", "/openapi.json"], store = true, google = true, client = true, secrets = true,
      enqueues    = ["sync", "pull", "runs", "deliver"],
      concurrency = 16, max_instances = 10, timeout_s = 60, memory = "512Mi"
    }
    portal = {
      public      = true, paths = ["/portal/*", "/admin/*", "/admin"], store = true, google = true, client = true, secrets = false,
      enqueues    = ["sync", "pull", "runs", "deliver"],
      concurrency = 16, max_instances = 3, timeout_s = 60, memory = "512Mi"
    }
    relay = {
      public      = true, paths = ["/relay/*"], store = false, google = false, client = true, secrets = false,
      enqueues    = [],
      concurrency = 16, max_instances = 2, timeout_s = 60, memory = "512Mi"
    }
    sync_task = {
      public      = false, paths = [], store = true, google = true, client = true, secrets = false,
      enqueues    = ["sync", "pull", "runs", "deliver"],
      concurrency = 8, max_instances = 4, timeout_s = 60, memory = "512Mi"
    }
    pull_calendar = {
      public      = false, paths = [], store = true, google = true, client = true, secrets = false,
      enqueues    = ["sync", "pull", "runs", "deliver"],
      concurrency = 4, max_instances = 4, timeout_s = 300, memory = "512Mi"
    }
    run_step = {
      public      = false, paths = [], store = true, google = true, client = true, secrets = false,
      enqueues    = ["sync", "pull", "runs", "deliver"],
      concurrency = 4, max_instances = 4, timeout_s = 120, memory = "1Gi"
    }
    deliver_changes = {
      public      = false, paths = [], store = true, google = false, client = false, secrets = false,
      enqueues    = ["deliver"],
      concurrency = 8, max_instances = 2, timeout_s = 60, memory = "512Mi"
    }
    renew_channels = {
      public      = false, paths = [], store = true, google = true, client = true, secrets = false,
      enqueues    = ["pull", "runs", "deliver"],
      concurrency = 4, max_instances = 2, timeout_s = 300, memory = "512Mi"
    }
    sweep = {
      public      = false, paths = [], store = true, google = true, client = true, secrets = false,
      enqueues    = ["sync", "pull", "runs", "deliver"],
      concurrency = 4, max_instances = 3, timeout_s = 300, memory = "512Mi"
    }
  }

  # Google counts units a minute, 10,000 for the whole project, and a patch is three of them.
  queues = {
    sync    = { dispatches_per_s = 40, concurrent = 20, attempts = 100, min_backoff_s = 0.1, max_backoff_s = 3600 }
    pull    = { dispatches_per_s = 20, concurrent = 10, attempts = 100, min_backoff_s = 0.1, max_backoff_s = 3600 }
    runs    = { dispatches_per_s = 10, concurrent = 8, attempts = 100, min_backoff_s = 0.1, max_backoff_s = 3600 }
    deliver = { dispatches_per_s = 20, concurrent = 10, attempts = 100, min_backoff_s = 0.1, max_backoff_s = 3600 }
  }

  schedules = {
    sweep-tasks     = { function = "sweep", path = "/jobs/sweep?kind=tasks", every_s = 300 }
    sweep-calendars = { function = "sweep", path = "/jobs/sweep?kind=calendars", every_s = 300 }
    sweep-runs      = { function = "sweep", path = "/jobs/sweep?kind=runs", every_s = 300 }
    sweep-webhooks  = { function = "sweep", path = "/jobs/sweep?kind=webhooks", every_s = 60 }
    sweep-orphans   = { function = "sweep", path = "/jobs/sweep?kind=orphans", every_s = 1800 }
    sweep-keys      = { function = "sweep", path = "/jobs/sweep?kind=keys", every_s = 3600 }
    renew-channels  = { function = "renew_channels", path = "/jobs/renew-channels", every_s = 3600 }
  }

  # Lines of the log that are counted, one metric each, told by the error and the reason that they name; an alert stands on
  # every one. The project's tests hold each filter against lines that the functions write.
  log_metrics = {
    errors            = { filter = "severity>=ERROR", text = "Errors by function and reason" }
    failed_tries      = { filter = "jsonPayload.outcome=(\"later\" OR \"refused\" OR \"again\")", text = "Tries that Google or the store refused, by reason" }
    needs_reconnect   = { filter = "jsonPayload.flow=\"access\" AND jsonPayload.outcome=\"needs_reconnect\"", text = "Grants that Google no longer takes" }
    needs_review      = { filter = "jsonPayload.flow=\"brake\" AND jsonPayload.outcome=\"held\"", text = "Mass changes that the brake holds" }
    renewals_failed   = { filter = "jsonPayload.flow=\"renew_channels\" AND jsonPayload.outcome=\"failed\" AND jsonPayload.tenant:*", text = "Channels that will end, because renewing failed" }
    deliveries_failed = { filter = "jsonPayload.flow=\"deliver_changes\" AND jsonPayload.outcome=(\"refused\" OR \"given_up\" OR \"gone\") AND jsonPayload.delivery:*", text = "Batches that a webhook did not take" }
  }

  # Every index that a query names. Firestore makes those over one field of one collection by itself.
  indexes = [
    { collection = "tasks", fields = ["due_at"], group = true, array = false },
    { collection = "calendars", fields = ["due_at"], group = true, array = false },
    { collection = "calendars", fields = ["renew_at"], group = true, array = false },
    { collection = "runs", fields = ["due_at"], group = true, array = false },
    { collection = "webhook", fields = ["due_at"], group = true, array = false },
    { collection = "tasks", fields = ["sync.keys"], group = false, array = true },
    { collection = "tasks", fields = ["sync.connection"], group = false, array = false },
    { collection = "tasks", fields = ["sync.connection", "sync.calendar"], group = false, array = false },
    { collection = "tasks", fields = ["sync.target_connection"], group = false, array = false },
    { collection = "tasks", fields = ["listed.live"], group = false, array = false },
    { collection = "tasks", fields = ["listed.user"], group = false, array = false },
    { collection = "tasks", fields = ["listed.connection"], group = false, array = false },
    { collection = "tasks", fields = ["listed.state"], group = false, array = false },
    { collection = "tasks", fields = ["listed.changed_at"], group = false, array = false },
    { collection = "tasks", fields = ["listed.start"], group = false, array = false },
    { collection = "tasks", fields = ["listed.user", "listed.connection"], group = false, array = false },
    { collection = "tasks", fields = ["listed.user", "listed.state"], group = false, array = false },
    { collection = "tasks", fields = ["listed.user", "listed.changed_at"], group = false, array = false },
    { collection = "tasks", fields = ["listed.user", "listed.start"], group = false, array = false },
    { collection = "tasks", fields = ["listed.views"], group = false, array = true },
    { collection = "tasks", fields = ["owner"], group = false, array = false },
    { collection = "changes", fields = ["user_id"], group = false, array = false },
    { collection = "runs", fields = ["user"], group = false, array = false },
    { collection = "runs", fields = ["connection"], group = false, array = false },
    { collection = "portal_sessions", fields = ["tenant", "user"], group = false, array = false },
    { collection = "connections", fields = ["google.sub"], group = true, array = false },
    { collection = "connections", fields = ["oauth_app"], group = false, array = false },
    { collection = "tasks", fields = ["due_at"], group = false, array = false },
    { collection = "tasks", fields = ["listed.state", "listed.changed_at"], group = false, array = false },
    { collection = "tasks", fields = ["listed.connection", "listed.state"], group = false, array = false },
    { collection = "connections", fields = ["status"], group = false, array = false },
    { collection = "connections", fields = ["user"], group = false, array = false },
    { collection = "connections", fields = ["user", "status"], group = false, array = false },
    { collection = "calendars", fields = ["tenant", "connection"], group = true, array = false },
    { collection = "calendars", fields = ["tenant", "watched", "state"], group = true, array = false },
    { collection = "calendars", fields = ["tenant", "state", "renew_at"], group = true, array = false },
    { collection = "changes", fields = ["at"], group = false, array = false },
    { collection = "changes", fields = ["told", "at"], group = false, array = false },
    { collection = "changes", fields = ["told", "user_id", "at"], group = false, array = false },
    { collection = "changes", fields = ["delivered_at", "at"], group = false, array = false },
    { collection = "deliveries", fields = ["state", "at"], group = false, array = false },
    { collection = "deliveries", fields = ["at"], group = false, array = false },
    { collection = "changes", fields = ["task_id", "at"], group = false, array = false },
  ]

  # What is also asked for from its end, while equal values stay in the order of their paths: the automatic index over one
  # field has both backwards.
  backwards = { changes = "at", deliveries = "at" }

  # Documents of these collections are dropped some time after this moment; whoever reads one checks it too.
  expiring = { for collection in ["changes", "deliveries", "oauth_states", "pages", "portal_sessions", "runs", "tasks"] : collection => "expires_at" }

  # What no query asks for, and what an index over would cost a write per entry: big maps, ciphertexts, and in every
  # collection the stamp that each write puts into its document.
  unindexed = {
    for collection, fields in {
      calendars       = []
      changes         = ["changed", "task"]
      connections     = ["access_token", "refresh_token", "settings", "settings_before"]
      deliveries      = ["body", "entries", "tries"]
      feed            = []
      keys            = []
      latest_runs     = []
      oauth_apps      = []
      oauth_states    = []
      pages           = ["items"]
      portal_sessions = []
      runs            = ["checkpoint", "options", "spent", "totals"]
      sweeps          = []
      tasks = [
        "content", "occurrences", "sync.base", "sync.by_hand", "sync.conflict", "sync.edits", "sync.responses", "sync.sent", "sync.stamps",
        "sync.unacked", "sync.views",
      ]
      tenants = ["brand", "settings"]
      users   = ["connections"]
      webhook = ["secrets"]
    } : collection => concat(fields, ["_commit"])
  }
}
