# The database, its indexes, what is kept out of them, and what expires. Its location is permanent.

resource "google_firestore_database" "this" {
  project     = var.project
  name        = local.database
  location_id = coalesce(var.firestore.location, var.region)
  type        = "FIRESTORE_NATIVE"

  # Nothing here uses interactive transactions: every write has a precondition.
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.this]
}

resource "google_firestore_backup_schedule" "daily" {
  project   = var.project
  database  = google_firestore_database.this.name
  retention = "${var.firestore.backups_days * 86400}s"

  daily_recurrence {}
}

resource "google_firestore_index" "this" {
  for_each = {
    for index in local.indexes :
    "${index.group ? "*" : ""}${index.collection}(${join(",", index.fields)})" => index if length(index.fields) > 1
  }

  project     = var.project
  database    = google_firestore_database.this.name
  collection  = each.value.collection
  query_scope = each.value.group ? "COLLECTION_GROUP" : "COLLECTION"

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path   = fields.value
      array_config = each.value.array && fields.key == 0 ? "CONTAINS" : null
      order        = each.value.array && fields.key == 0 ? null : "ASCENDING"
    }
  }
}

resource "google_firestore_index" "backwards" {
  for_each = local.backwards

  project     = var.project
  database    = google_firestore_database.this.name
  collection  = each.key
  query_scope = "COLLECTION"

  fields {
    field_path = each.value
    order      = "DESCENDING"
  }
  fields {
    field_path = "__name__"
    order      = "ASCENDING"
  }
}

# An index over one field that answers for all collections of a name together; naming one drops the automatic ones, so
# those that are declared are named too.
resource "google_firestore_field" "grouped" {
  for_each = local.grouped

  project    = var.project
  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {
    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION_GROUP"
    }

    dynamic "indexes" {
      for_each = each.value.alone ? ["ASCENDING", "DESCENDING"] : []

      content {
        order       = indexes.value
        query_scope = "COLLECTION"
      }
    }
  }
}

# The time of a document's end only ever grows, so an index over it would be a hot spot that no query uses.
resource "google_firestore_field" "expiring" {
  for_each = local.expiring

  project    = var.project
  database   = google_firestore_database.this.name
  collection = each.key
  field      = each.value

  index_config {}
  ttl_config {}
}

resource "google_firestore_field" "unindexed" {
  for_each = local.unindexed_fields

  project    = var.project
  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

locals {
  database = coalesce(var.firestore.name, "${var.env}-store")

  unindexed_fields = merge([
    for collection, fields in local.unindexed : { for field in fields : "${collection}.${field}" => { collection = collection, field = field } }
  ]...)
  grouped = {
    for index in local.indexes : "${index.collection}.${index.fields[0]}" => {
      collection = index.collection
      field      = index.fields[0]
      alone = anytrue([
        for other in local.indexes :
        other.collection == index.collection && other.fields[0] == index.fields[0] && length(other.fields) == 1 && !other.group
      ])
    } if index.group && length(index.fields) == 1
  }
}
