"""`ser tail` shows every possible message of a topic."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.catalog import topics
from deploy.cli.tail import line, topics_named
from deploy.local.failure import Failure

_TOPICS = [*topics("t."), "__consumer_offsets", "somebody.elses"]
_AT = int(datetime(2017, 10, 1, 12, 30, 15, 250_000, tzinfo=UTC).timestamp() * 1000)


def _record(**changes: Any) -> SimpleNamespace:
    whole = {
        "topic": "StudentClaimed",
        "partition": 2,
        "offset": 41,
        "timestamp": _AT,
        "key": b"1234567890",
        "headers": [("ce_type", b"StudentClaimed"), ("ce_sequence", b"3"), ("token", b"secret.signed.words")],
        "value": b'{ "lea" : "017" }',
    }
    return SimpleNamespace(**(whole | changes))


def test_a_record_is_one_line() -> None:
    """Time, topic, place, student, name and body are on one line."""
    shown = line(_record()).plain

    where, what = (
        "12:30:15.250 StudentClaimed 2/41 1234567890",
        "type=StudentClaimed sequence=3 token=(signed)",
    )
    assert shown == f'{where} {what} {{"lea":"017"}}'


def test_a_token_is_never_shown() -> None:
    """`ser tail` never shows a token, so an onlooker cannot act as its sender."""
    assert "secret.signed.words" not in line(_record()).plain


def test_bytes_that_are_no_message_are_shown_as_what_they_are() -> None:
    """`ser tail` shows a message that no service can read."""
    broken = _record(key=None, value=b"\xff\xfe\x00", headers=[("ce_type", b"\xc3\x28"), ("ce_id", None)])

    shown = line(broken).plain

    assert "(none)" in shown
    assert "type=(2 bytes, not UTF-8) c328" in shown
    assert "id=(none)" in shown
    assert shown.endswith("(3 bytes, not UTF-8) fffe00")


def test_a_record_without_a_body_is_shown() -> None:
    """`ser tail` shows a message without a body."""
    assert line(_record(value=None)).plain.endswith("(none)")


def test_a_topics_prefix_is_left_out() -> None:
    """The lines leave out the prefix of a test system's topics."""
    assert " StudentClaimed " in line(_record(topic="t1.StudentClaimed"), prefix="t1.").plain


def test_all_that_is_followed() -> None:
    """Without a name `ser tail` follows all topics of this system, and no other topics."""
    assert topics_named([], _TOPICS, "t.") == list(topics("t."))
    assert topics_named(["StudentClaimed"], _TOPICS, "t.") == ["t.StudentClaimed"]


def test_a_misspelt_topic() -> None:
    """For a misspelt topic `ser tail` names similar topics, or all topics."""
    with pytest.raises(Failure, match=r"no topic StudentClamed.*Did you mean StudentClaimed") as wrong:
        topics_named(["StudentClamed"], _TOPICS, "t.")
    assert "__consumer_offsets" not in str(wrong.value)
    with pytest.raises(Failure, match=r"no topic xyz.*The topics are: .*jurisdiction\.commands") as wrong:
        topics_named(["xyz"], _TOPICS, "t.")
    assert "__consumer_offsets" not in str(wrong.value)


def test_a_prefix_nobody_uses() -> None:
    """For a prefix that no topic has, `ser tail` says that the prefix is wrong."""
    with pytest.raises(Failure, match=r"begins with 'foo'.*SER_TOPIC_PREFIX"):
        topics_named([], _TOPICS, "foo")
