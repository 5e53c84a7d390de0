"""The pinned packages are the ones the code uses: none unused, none borrowed from the test environment."""

import ast
import re
import sys
from importlib.metadata import Distribution
from pathlib import Path

from tests.unit.test_import_rules import OURS, ROOT, under, uses

SHARED_NAMESPACES = {
    "google-api-core": ("google.api_core",),
    "google-auth": ("google.auth", "google.oauth2"),
    "google-cloud-core": ("google.cloud._helpers", "google.cloud.exceptions"),
    "google-cloud-firestore": (
        "google.cloud.firestore",
        "google.cloud.firestore_admin_v1",
        "google.cloud.firestore_v1",
    ),
    "google-cloud-secret-manager": ("google.cloud.secretmanager", "google.cloud.secretmanager_v1"),
    "google-cloud-tasks": ("google.cloud.tasks", "google.cloud.tasks_v2"),
    "googleapis-common-protos": ("google.api", "google.logging", "google.rpc", "google.type"),
    "grpcio-status": ("grpc_status",),
    "protobuf": ("google.protobuf",),
}
"""Packages that share the namespace `google`, where the first part of an import does not tell whose it is."""

NOT_IMPORTED = {
    "babel": "the languages of the pages",
    "tzdata": "zoneinfo reads it where the system has no zones of its own",
}
"""Packages that nothing imports, or nothing yet: what each is there for. One that is imported leaves this list."""


def pinned(text: str) -> dict[str, list[str]]:
    """Package names of a requirements file, canonical, by the comment that stands above them."""
    groups: dict[str, list[str]] = {"": []}
    group = ""
    for line in text.splitlines():
        if line.startswith("#"):
            group = line.removeprefix("#").strip()
        elif "==" in line:
            groups.setdefault(group, []).append(canonical(line.partition("==")[0]))
    return groups


def canonical(name: str) -> str:
    """The name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def import_names(package: str) -> tuple[str, ...]:
    """The dotted names under which an installed package is imported."""
    if package in SHARED_NAMESPACES:
        return SHARED_NAMESPACES[package]
    files = Distribution.from_name(package).files or []
    tops = {file.parts[0].removesuffix(".py") for file in files if file.suffix == ".py" and file.parts[0].isascii()}
    return tuple(sorted(top for top in tops if top.isidentifier()))


def imports_of_the_product() -> set[str]:
    """Every third-party name that code outside the tests imports."""
    paths = [*ROOT.glob("*.py")]
    for folder in sorted(OURS - {"main", "tests"}):
        paths += sorted((ROOT / folder).rglob("*.py"))
    found = {
        use.name
        for path in paths
        for use in uses(ast.parse(path.read_text("utf-8")), module_of(path), is_package=path.name == "__init__.py")
        if use.imported
    }
    return {name for name in found if name.partition(".")[0] not in {*OURS, *sys.stdlib_module_names}}


def module_of(path: Path) -> str:
    """The dotted name under which a file of ours is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unused(names: list[str], imported: set[str]) -> list[str]:
    """The packages that no import needs."""
    return [name for name in names if not any(under(use, *import_names(name)) for use in imported)]


def unpinned(names: list[str], imported: set[str]) -> list[str]:
    """The imports that no named package provides."""
    provided = [top for name in names for top in import_names(name)]
    return sorted(use for use in imported if not under(use, *provided))


def test_every_package_named_for_run_time_is_imported_or_has_a_reason() -> None:
    named = pinned((ROOT / "requirements.txt").read_text("utf-8"))["Named by the code"]

    assert [name for name in unused(named, imports_of_the_product()) if name not in NOT_IMPORTED] == []


def test_a_package_that_is_imported_needs_no_reason() -> None:
    imported = imports_of_the_product()

    assert [name for name in NOT_IMPORTED if name not in unused([name], imported)] == []


def test_every_import_of_the_product_is_pinned_for_run_time() -> None:
    groups = pinned((ROOT / "requirements.txt").read_text("utf-8"))

    assert unpinned([name for names in groups.values() for name in names], imports_of_the_product()) == []


def test_every_line_of_both_files_is_a_pin_a_comment_or_the_one_reference() -> None:
    lines = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text("utf-8").splitlines()
    ]
    loose = [
        line
        for line in lines
        if line and not re.fullmatch(r"#.*|-r requirements\.txt|[a-z0-9._-]+==[0-9a-z.]+( ; .+)?", line)
    ]

    assert loose == []


def test_an_unused_package_is_noticed() -> None:
    assert unused(["nh3", "click"], {"click", "msgspec"}) == ["nh3"]


def test_a_package_of_the_google_namespace_is_not_taken_for_another() -> None:
    assert unused(["google-cloud-tasks"], {"google.cloud.firestore"}) == ["google-cloud-tasks"]


def test_an_import_from_the_test_environment_is_noticed() -> None:
    assert unpinned(["click"], {"click.testing", "hypothesis"}) == ["hypothesis"]
