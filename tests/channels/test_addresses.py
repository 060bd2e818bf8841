"""The one form in which addresses are kept, and the plain words for those that cannot be."""

import pytest

from incidents.channels.addresses import email_address, webhook_url


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.L+status@Example.COM ", "Ada.L+status@example.com"),
        ("ada@münchen.example", "ada@xn--mnchen-3ya.example"),
        ("ada@\uff25xample.com", "ada@example.com"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_lower_case_ascii(typed: str, kept: str) -> None:
    assert email_address(typed) == kept
    assert email_address(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "user@localhost",
        "ada@exa mple.com",
        "ada@example.com\r\nBcc: victim@example.com",
        "ada@example.com\n",
        "ada\x00@example.com",
        "ada@example.com, bob@example.com",
        "Ada <ada@example.com>",
        '"a b"@example.com',
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "ada@example..com",
        "ada@-example.com",
        "zoë@example.com",
        "\u212aelvin@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 250 + ".com",
        "a@" + ".".join(["bbbbbbbbb"] * 30) + ".com",
        "ada@example.com\u2028",
        "x" * 2_000_000 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused_in_plain_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z ]{10,}") as caught:
        email_address(typed)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://hooks.example.com", "https://hooks.example.com/"),
        (" HTTPS://Hooks.Example.COM:443/a?b=c#d ", "https://hooks.example.com/a?b=c"),
        ("http://hooks.example.com:8080/x", "http://hooks.example.com:8080/x"),
        ("https://münchen.example/ü", "https://xn--mnchen-3ya.example/ü"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
    ],
)
def test_a_webhooks_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert webhook_url(typed, allowed=()) == kept
    assert webhook_url(kept, allowed=()) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hooks.example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://@example.com/",
        "https://example.com:22/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: x",
        "https://example.com\\@evil.example/",
        "https://exa_mple..com/",
        "https://[::1/",
        "https://[v1.x]/",
        "https://example.com/" + "a" * 500,
        "https://" + "a" * 64 + ".example/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://①②⑦.⓪.⓪.①/",
    ],
)
def test_what_is_no_webhook_is_refused_in_plain_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z ]{10,}"):
        webhook_url(typed, allowed=())
