"""The data folder: identity made once and kept, one server at a time, every fault with its remedy."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infra.embedded.folder import DataFolder, DataFolderFault


def test_identity_is_made_once_and_kept(tmp_path: Path) -> None:
    first = DataFolder(tmp_path / "data").keys.identity()

    assert DataFolder(tmp_path / "data").keys.identity() == first
    assert len(first.keys[0]) == 32


def test_two_folders_are_two_deployments(tmp_path: Path) -> None:
    one, two = DataFolder(tmp_path / "one").keys.identity(), DataFolder(tmp_path / "two").keys.identity()

    assert one.deployment != two.deployment
    assert one.keys != two.keys


def test_only_this_user_reads_folder_and_keys(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.keys.identity()

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.path, folder.path / "identity.json")]
    assert modes == [0o700, 0o600]


def test_the_operators_deployment_id_is_taken(tmp_path: Path) -> None:
    assert DataFolder(tmp_path).keys.identity(deployment="acme").deployment == "acme"


def test_another_deployment_id_than_the_datas_is_refused(tmp_path: Path) -> None:
    DataFolder(tmp_path).keys.identity(deployment="acme")

    with pytest.raises(DataFolderFault, match=r"belongs to acme: unset it"):
        DataFolder(tmp_path).keys.identity(deployment="other")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"deployment": "x", "keys": []}', b'{"deployment": "x", "keys": ["c2hvcnQ="]}']
)
def test_a_damaged_identity_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "identity.json"
    file.write_bytes(content)

    with pytest.raises(DataFolderFault, match="restore it from a backup"):
        DataFolder(tmp_path).keys.identity()

    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DataFolderFault, match="set TANDEM_DATA to another folder"):
        DataFolder(tmp_path / "file" / "data")


def test_a_second_server_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    with DataFolder(tmp_path).served("http://127.0.0.1:1"):
        script = f"""
from pathlib import Path
from infra.embedded.folder import DataFolder, DataFolderFault
try:
    with DataFolder(Path({str(tmp_path)!r})).served("second"):
        print("served")
except DataFolderFault as fault:
    print(fault)
"""
        second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert "is served already, by process" in second.stdout
    assert "on http://127.0.0.1:1: stop that server" in second.stdout


def test_a_folder_knows_whether_it_is_served(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    before = folder.is_served()
    with folder.served("first"):
        during = folder.is_served()

    assert (before, during, folder.is_served()) == (False, True, False)


def test_the_folder_is_free_when_the_server_ended(tmp_path: Path) -> None:
    with DataFolder(tmp_path).served("first"):
        pass

    with DataFolder(tmp_path).served("second"):
        assert (tmp_path / "server.lock").read_text().endswith("on second")
