"""What `doctor` finds in a deployment on Google Cloud, with the credentials of whoever runs it. Changes nothing.

Start at `deployed`; queues and indexes are looked at in the files beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from infra import wiring
from infra.doctor.findings import fault, well
from infra.doctor.network import webhooks
from infra.doctor.people import keys, people
from infra.gcp.doctor_indexes import indexes
from infra.gcp.doctor_queues import queues
from infra.gcp.oidc import CERTS_URL
from infra.gcp.secrets import SecretManagerSecrets
from shared.errors import TandemError
from shared.model.oauth import OAuthApp
from shared.model.stored import read_as
from shared.ports import Delete, Query
from shared.usecases.restored import require_own_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.doctor.findings import Finding
    from infra.settings import Settings
    from shared.usecases.world import World

ASK_S = 10.0
MOST_APPS = 100
PROBE = "sweeps/doctor"
PUBLIC = {
    "api": ("GET", "/openapi.json"), "oauth": ("GET", "/oauth/callback"), "portal": ("GET", "/portal"),
    "calendar_webhook": ("POST", "/webhooks/google-calendar"), "relay": ("GET", "/relay/start"),
}  # fmt: skip
"""Where each public function answers somebody who brings nothing."""


def deployed(settings: Settings) -> list[Finding]:
    """Everything that was looked at; what lies in the store only where it opens."""
    store = _store(settings)
    inside = _inside(settings) if store.well else []
    return [
        store, *inside, *indexes(settings), *queues(settings), _secrets(settings), _certificates(settings),
        *(_function(settings, name) for name in PUBLIC),
    ]  # fmt: skip


def _store(settings: Settings) -> Finding:
    """Firestore can be read and written: the document that is deleted was never there."""
    try:
        store = wiring.world().store
        store.get_many([PROBE])
        store.commit([Delete(path=PROBE)])
    except TandemError as error:
        return fault("Firestore", str(error))
    return well("Firestore", f"{settings.database} can be read and written")


def _inside(settings: Settings) -> Iterator[Finding]:
    world = wiring.world()
    try:
        yield _deployment(world)
        yield keys(
            world, wiring.key_ring(), where="in TANDEM_KEYS: keep a backup of them", count=len(settings.keys),
            resealed_by="the schedule sweep-keys does it",
        )  # fmt: skip
        yield from people(world, restore="add the former keys to TANDEM_KEYS, behind the first")
        yield from _clients(world)
        yield from webhooks(world)
    except TandemError as error:
        yield fault("store", str(error))


def _deployment(world: World) -> Finding:
    try:
        require_own_documents(world)
    except TandemError as error:
        return fault("deployment", str(error))
    return well("deployment", f"{world.deployment}: never change it")


def _clients(world: World) -> Iterator[Finding]:
    """The secrets of tenants' own OAuth clients open."""
    apps = world.store.query(Query(collection="oauth_apps", group=True, limit=MOST_APPS))
    for document in apps:
        tenant, app = document.path.split("/")[1], read_as(OAuthApp, document)
        try:
            world.secrets.read(document.path, app.secret_ref)
        except TandemError as error:
            yield fault("OAuth apps", f"that of tenant {tenant} has no secret: {error}")
    yield well("OAuth apps", f"{len(apps)} of tenants' own")


def _secrets(settings: Settings) -> Finding:
    """Secret Manager lets these credentials read, asked for a secret that is nobody's."""
    secrets = SecretManagerSecrets(
        project=settings.google_cloud_project or "", env=settings.env, host=settings.secrets_host
    )
    try:
        secrets.try_reading()
    except TandemError as error:
        return fault("Secret Manager", str(error))
    finally:
        secrets.close()
    return well("Secret Manager", "lets these credentials read tenants' secrets")


def _certificates(settings: Settings) -> Finding:
    """What proves the callers of jobs can be had."""
    address = settings.oidc_certs_url or CERTS_URL
    try:
        status = requests.get(address, timeout=ASK_S).status_code
    except requests.RequestException as failure:
        return fault("job tokens", f"{address} cannot be reached ({type(failure).__name__}): check network and proxy")
    if status != 200:
        return fault("job tokens", f"{address} answers {status}: wait, and see Google's status pages")
    return well("job tokens", "Google's certificates can be read")


def _function(settings: Settings, name: str) -> Finding:
    """The function answers in its own words to somebody who brings nothing."""
    method, path = PUBLIC[name]
    address = settings.urls.get(name, settings.base_url or "") + path
    try:
        answer = requests.request(method, address, timeout=ASK_S, allow_redirects=False)
    except requests.RequestException as failure:
        why = f"{address} cannot be reached ({type(failure).__name__})"
        return fault(name, f"{why}: compare the address with `terraform output`; a new domain takes up to an hour")
    if answer.status_code == 403 and "X-Request-Id" not in answer.headers:
        return fault(name, f"{address} lets nobody in: allUsers needs roles/run.invoker, which a policy may forbid")
    if answer.status_code >= 500:
        return fault(name, f"{address} answers {answer.status_code}: its log in Cloud Run names the cause")
    if "X-Request-Id" not in answer.headers:
        return fault(name, f"something else answers at {address}: compare it with `terraform output`")
    return well(name, f"{address} answers")
