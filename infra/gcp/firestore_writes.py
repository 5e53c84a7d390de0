"""The store's writes as Firestore's: masks, transforms and preconditions. Knows no client.

Source: https://docs.cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#write
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from google.cloud.firestore_v1.types import common, document, write
from google.protobuf.timestamp_pb2 import Timestamp

from infra.exemptions import STAMP
from infra.gcp.firestore_values import Message, Value, encoded, path_of
from shared.errors import Bug
from shared.ports import DROP, Delete, Must, Patch, Precondition, Revision, Set

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.ports import Write

WriteMessage = write.Write.pb()
DocumentMessage = document.Document.pb()
MaskMessage = common.DocumentMask.pb()
PreconditionMessage = common.Precondition.pb()
TransformMessage = write.DocumentTransform.FieldTransform.pb()


def write_of(each: Write, *, root: str, stamp: str) -> Message:
    """One write, to be committed together with others.

    Args:
        each: What is to be true afterwards.
        root: What stands before the path of every document of this database.
        stamp: Tells this commit from every other one.

    Raises:
        Bug: It holds what Firestore could not keep.
    """
    must = _precondition(each)
    match each:
        case Set():
            fields, server_times = encoded(each.data)
            return _update(each.path, fields, server_times, root=root, stamp=stamp, must=must)
        case Patch():
            fields, server_times, mask = _patched(each.fields)
            return _update(each.path, fields, server_times, root=root, stamp=stamp, must=must, mask=mask)
        case Delete():
            return WriteMessage(delete=root + each.path, current_document=must)
        case _:
            assert_never(each)


def revision_of(update_time: Message) -> str:
    """The moment of the document's last write, to the nanosecond."""
    return f"{update_time.seconds}.{update_time.nanos:09d}"


def _update(
    path: str,
    fields: dict[str, Message],
    server_times: list[str],
    *,
    root: str,
    stamp: str,
    must: Message | None,
    mask: list[str] | None = None,
) -> Message:
    # A write that changes nothing else still changes the revision.
    # https://docs.cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#writeresult
    fields[STAMP] = Value(string_value=stamp)
    return WriteMessage(
        update=DocumentMessage(name=root + path, fields=fields),
        update_mask=None if mask is None else MaskMessage(field_paths=[*mask, STAMP]),
        update_transforms=[
            TransformMessage(field_path=name, set_to_server_value="REQUEST_TIME") for name in server_times
        ],
        current_document=must,
    )


def _patched(given: Mapping[str, object]) -> tuple[dict[str, Message], list[str], list[str]]:
    """The fields as a document holds them, the paths of server times, and the paths that are replaced or removed."""
    tree: dict[str, object] = {}
    mask: list[str] = []
    for dotted, value in given.items():
        *above, last = dotted.split(".")
        if value is not DROP:
            _within(tree, above, dotted)[last] = value
        mask.append(path_of(*above, last))
    fields, server_times = encoded(tree)
    # A transform fills in what is not in the mask; a map that holds one is, with the rest of what it holds.
    return fields, server_times, [name for name in mask if name not in server_times]


def _within(tree: dict[str, object], above: list[str], dotted: str) -> dict[str, object]:
    for name in above:
        inner = tree.setdefault(name, _Way())
        if not isinstance(inner, _Way):
            raise Bug(f"a patch names {dotted} and a map around it: name one of them")
        tree = inner
    return tree


class _Way(dict[str, object]):
    """A map that is only passed through, apart from one that replaces what is there."""


def _precondition(each: Write) -> Message | None:
    must: Precondition = Must.EXIST if isinstance(each, Patch) and each.must is None else each.must
    match must:
        case None:
            return None
        case Must.EXIST:
            return PreconditionMessage(exists=True)
        case Must.BE_ABSENT:
            if isinstance(each, Patch):
                raise Bug(f"{each.path} is to be patched and to be absent: set it")
            return PreconditionMessage(exists=False)
        case Revision(value=value):
            seconds, _, nanos = value.partition(".")
            return PreconditionMessage(update_time=Timestamp(seconds=int(seconds), nanos=int(nanos)))
        case _:
            assert_never(must)
