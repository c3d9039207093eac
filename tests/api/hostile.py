"""What has broken tools like this one, as far as it can be sent to the API."""

from typing import Any

from django.apps import apps

TEXTS = {
    "white space around": "  \t two \n ",
    "tabs": "a\tb\t\tc",
    "NEL, LS, PS": "one\x85two\u2028three\u2029four",
    "form feeds": "one\x0ctwo\x0bthree",
    "C0 controls": "".join(map(chr, range(1, 32))).replace("\r", ""),
    "C1 controls": "".join(map(chr, range(0x7F, 0xA0))),
    "noncharacters": "\ufffe\uffff\ufdd0\U0001ffff\U0010ffff",
    "every plane": "".join(chr(plane << 16 | 0x41) for plane in range(17)),
    "a mark inside": "a\ufeffb\ufeff",
    "NFD and NFC": "cafe\u0301 café Å Å Å",
    "zalgo": "z" + "\u0300\u0316\u0334" * 60,
    "zero width": "a\u200bb\u200cc\u200dd\u2060e",
    "bidi controls": "abc\u202etxt.exe\u202c \u2066x\u2069 \u200f",
    "only no-break spaces": "\u00a0\u00a0",
    "Hangul filler": "\u3164\u115f",
    "Arabic": "السلام عليكم ١٢٣",
    "Hebrew with niqqud": "בְּרֵאשִׁית",
    "Thai": "สวัสดีครับ",
    "Tibetan": "བོད་ཡིག",
    "CJK extension B": "𠀀𠀁𠮷",
    "Turkish i": "İıIi",
    "Kelvin sign": "300 \u212a",
    "emoji": "👩‍👩‍👧‍👦🇦🇲👍🏽",
    "HTML": "<b onclick='x'>&amp;</b><!-- -->",
    "a script": "</script><script>alert(1)</script>",
    "template syntax": "{{ 7*7 }} {% debug %} ${7*7} #{7} %s %(x)s",
    "one character": "x",
}

LINES = {  # one line, no control characters: what a name may be
    "HTML": "<b>bold</b>",
    "SVG": "<svg onload=alert(1)>",
    "an attribute's end": "\" onmouseover='x' `",
    "a script address": "javascript:alert(1)",
    "a path": "../../etc/passwd",
    "a dot": ".",
    "a slash": "/",
    "a Windows device": "con",
    "None": "None",
    "true": "true",
    "constructor": "constructor",
    "prototype": "__proto__",
    "right to left": "evil\u202egpj.exe",
    "NFD": "cafe\u0301",
    "zero width": "Col\u200blapse",
    "a formula": '=HYPERLINK("http://x")',
    "a command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "a number": "007",
    "a date": "2020-11-25",
    "a like pattern": "100%_\\",
    "a quote": "Robert'); DROP TABLE students;--",
    "100 characters": "n" * 100,
}
NOT_LINES = {
    "CR LF for a header": "a\r\nSet-Cookie: x=1",
    "a tab": "a\tb",
    "a line separator": "a\u2028b",
    "NUL": "a\x00b",
    "half a pair": "a\ud800b",
    "empty": "",
    "blank": " \u3000 ",
    "10,000 characters": "n" * 10_000,
}

# Where a whole number is meant, and sent as JSON.
NOT_NUMBERS = [-1, -0.5, 1.0, "1", "١", "１", True, None, [], [1], {}, 2**63, 10**400]
# The same in a path: what an address can hold, encoded.
PATH_NUMBERS = [
    "-1", "0", "00", "1.0", "1e3", "%D9%A1", "%EF%BC%91", "true", "null", "NaN", "1%00", "%00",
    "2147483648", "9223372036854775807", "9223372036854775808", "9" * 5000, "1;", "1%2C2",
    "%C0%B1", "%2531", "1'--", "..%2F1", "0x1", "+1", "%201",
]  # fmt: skip
PATH_WORDS = [
    "%00", "a%00b", "%FF%FE", "%C0%AE%C0%AE", "..%2F..", "%2e%2e%2f", "x" * 5000, "%F0%9F%99%82",
    "'%20OR%201=1--", "%25", "_", "%5C", "%0D%0ASet-Cookie:x=1", "None", "null", "%ED%A0%80",
]  # fmt: skip
PATH_UUIDS = [
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "not-a-uuid", "1", "%00", "0197d000-0000-7000-8000-00000000000g",
]  # fmt: skip


NOTED_OF_USE = {"last_login", "last_used_at", "last_address"}


def contents() -> dict[str, list[Any]]:
    """Every row of the app, to see that a refusal left none and changed none."""
    found = {}
    for model in apps.get_app_config("cstoannot").get_models():
        names = [f.attname for f in model._meta.fields if f.name not in NOTED_OF_USE]
        found[model.__name__] = sorted(map(repr, model._base_manager.values_list(*names)))
    return found


def assert_problem(answer: Any, *statuses: int) -> dict[str, Any]:
    """The answer is a refusal in the one shape, and says nothing of what is inside."""
    assert answer.status_code in statuses, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"].startswith("urn:cstoannot:problem:")
    assert body["title"] and body["detail"]
    said = answer.content.decode()
    for word in ("Traceback", "SELECT", "site-packages", "cstoannot_", "psycopg", "sqlite"):
        assert word not in said
    return body
