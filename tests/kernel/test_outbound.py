"""Which hosts and ports Fanfare connects to when a merchant names them."""

import pytest

from kernel import outbound


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *(
            "192.0.0.8",
            "192.0.0.9",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "203.0.113.1",
            "255.255.255.255",
            "240.0.0.1",
        ),
        *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:192.0.0.8"),
        *("::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::192.168.0.1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff::1"),
        *("2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::", "2002:c000:8::"),
        *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:db8::1", "2001:2::1"),
        *(
            "fe80::1",
            "fe80::1%1",
            "fc00::1",
            "fd00::1",
            "fec0::1",
            "feff::1",
            "ff02::1",
            "100::1",
            "3fff::1",
            "3fff:fff::1",
            "5f00::1",
        ),
        *("2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:127.0.0.1"),
    ],
)
def test_private_addresses_are_refused_however_they_are_written(address):
    assert not outbound.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "192.0.1.1", "192.88.98.1", "2606:4700:4700::1111", "2a00:1450:4007::1", "2400::1"),
        *("64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1", "2a00:1450::5efe:8.8.8.8", "3ffe::1"),
    ],
)
def test_public_addresses_are_used(address):
    assert outbound.is_public(address)


@pytest.mark.parametrize("address", ["64:ff9b::7f00:1", "2002:7f00:1::", "fec0::1"])
def test_a_host_with_such_an_address_is_refused(address, settings):
    settings.SMTP_ALLOWED_PRIVATE_HOSTS = []
    with pytest.raises(outbound.Refused, match="private address"):
        outbound.resolve(address, 25)


@pytest.mark.parametrize("port", [22, 80, 443, 3306, 6379, 1])
def test_only_ports_of_mail_servers_are_connected_to(port, settings):
    settings.SMTP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with pytest.raises(outbound.Refused, match=f"Port {port} isn't a mail server's"):
        outbound.resolve("8.8.8.8", port)
    assert outbound.resolve("127.0.0.1", port) == "127.0.0.1", "the operator has allowed this host"
    assert outbound.resolve("8.8.8.8", 587) == "8.8.8.8"
