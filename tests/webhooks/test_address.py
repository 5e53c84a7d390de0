"""Which addresses a webhook may have, by their looks and by where they lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.webhooks.address import Address, UnusableAddress, is_public, may_reach, read_address

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254",  # noqa: S104 - an address to refuse
    "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "4000::1",
    "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "198.20.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"]
ODD = [
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "1.1", "134744072",  # noqa: S104 - an address to refuse
    "08.8.8.8", "8.8.8.8.8", "0x08080808", "10.0.0.1.", "256.1.1.1", "1.2.3", "127.0.0.0x1",
]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE)
def test_no_private_or_reserved_address_is_reached(ip: str) -> None:
    assert not may_reach(ip, plain=False, loopback_allowed=False)


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_reached_and_only_with_tls(ip: str) -> None:
    assert may_reach(ip, plain=False, loopback_allowed=False)
    assert not may_reach(ip, plain=True, loopback_allowed=True)


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_private_number_is_no_webhook(ip: str) -> None:
    with pytest.raises(UnusableAddress):
        read_address(f"https://[{ip}]/" if ":" in ip else f"https://{ip}/", loopback_allowed=False)


@pytest.mark.parametrize("host", ODD)
@pytest.mark.parametrize("allowed", [True, False])
def test_an_unusual_form_of_a_number_is_no_webhook(host: str, *, allowed: bool) -> None:
    with pytest.raises(UnusableAddress):
        read_address(f"https://{host}/", loopback_allowed=allowed)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "intranet", "crm", "db.internal", "metadata.google.internal",
     "nas.local", "pc.lan", "router.home.arpa", "a.corp", "x.localdomain"],
)  # fmt: skip
def test_a_name_that_only_a_network_knows_is_no_webhook(host: str) -> None:
    with pytest.raises(UnusableAddress):
        read_address(f"https://{host}/hook", loopback_allowed=False)


@pytest.mark.parametrize(
    "url",
    [
        "", "crm.example.com", "//crm.example.com/", "https://", "https:///hook", "http://crm.example.com/",
        "ftp://crm.example.com/", "file:///etc/passwd", "gopher://crm.example.com/", "javascript:alert(1)",
        "https://user@crm.example.com/", "https://user:pass@crm.example.com/", "https://crm.example.com/#part",
        "https://crm.example.com:0/", "https://crm.example.com:65536/", "https://crm.example.com:x/",
        "https://crm.example.com\\@127.0.0.1/", "https://127.0.0.1\\.example.com/", "https://crm.example.com/ x",
        "https://crm.example.com/\r\nX: y", "https://crm.exämple.com/", "https://crm..example.com/",
        "https://-crm.example.com/", "https://[::1", "https://[crm]/", "https://crm.example.com%2f@10.0.0.1/",
        "https://" + "a" * 64 + ".example.com/", "https://crm.example.com/" + "x" * 2048, "https://127.0.0.1%00.a.com/",
    ],
)  # fmt: skip
def test_what_is_no_https_address_of_a_host_is_no_webhook(url: str) -> None:
    with pytest.raises(UnusableAddress):
        read_address(url, loopback_allowed=False)


def test_a_public_https_address_is_taken_apart() -> None:
    found = read_address("https://CRM.example.com:8443/hooks/tandem?key=a%20b", loopback_allowed=False)

    assert found == Address(plain=False, host="crm.example.com", port=8443, target="/hooks/tandem?key=a%20b")
    assert found.authority == "crm.example.com:8443"


@pytest.mark.parametrize(
    ("url", "target", "authority"),
    [
        ("https://crm.example.com", "/", "crm.example.com"),
        ("https://crm.example.com?a=1", "/?a=1", "crm.example.com"),
        ("https://crm.example.com./x", "/x", "crm.example.com"),
        ("https://[2606:4700:4700::1111]/x", "/x", "[2606:4700:4700::1111]"),
        ("https://8.8.8.8:443/x", "/x", "8.8.8.8"),
    ],
)
def test_every_usual_form_of_an_address_works(url: str, target: str, authority: str) -> None:
    found = read_address(url, loopback_allowed=False)

    assert (found.target, found.authority) == (target, authority)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_is_taken_only_where_it_is_allowed(scheme: str, host: str) -> None:
    read_address(f"{scheme}://{host}:8080/hook", loopback_allowed=True)

    with pytest.raises(UnusableAddress):
        read_address(f"{scheme}://{host}:8080/hook", loopback_allowed=False)


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "169.254.169.254", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "a.example.com"],  # noqa: S104 - refused
)
def test_where_this_machine_is_allowed_no_other_is_reached_without_tls(host: str) -> None:
    with pytest.raises(UnusableAddress):
        read_address(f"http://{host}/hook", loopback_allowed=True)


@given(st.text(max_size=60) | st.from_regex(r"https?://[!-~]{0,40}", fullmatch=True), st.booleans())
def test_any_text_is_refused_or_safe_to_send_to(url: str, allowed: bool) -> None:  # noqa: FBT001 - drawn
    try:
        found = read_address(url, loopback_allowed=allowed)
    except UnusableAddress:
        return
    assert 0 < found.port < 65536
    assert found.target.startswith("/")
    assert not set(found.host + found.target) & set(" \r\n\t\\#")
    assert "@" not in found.host


@given(st.ip_addresses())
def test_an_address_is_public_only_if_python_too_thinks_it_may_be(ip: object) -> None:
    assert not is_public(str(ip)) or getattr(ip, "is_global", False)
