"""HTTP tools against a real server: what is sent, what is shown, and everything that is refused."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from kotaemon_desktop.core.settings.tools import HttpTool
from kotaemon_desktop.core.tools import connection, http_tool
from kotaemon_desktop.core.tools.errors import ToolFailed, ToolRefused, ToolTimedOut


def order(shop: str, **changes: Any) -> HttpTool:
    return HttpTool(**{"name": "order", "url": f"{shop}/orders/{{id}}", **changes})


def asked(shop: str) -> list[dict[str, Any]]:
    with urlopen(f"{shop}/asked") as reply:
        return json.load(reply)


def test_a_field_is_filled_and_the_reply_becomes_a_table(shop: str) -> None:
    found = http_tool.call(order(shop, show=("order.id", "order.status", "order.eta")), {"id": "12345"})
    assert found.text == "| id | status | eta |\n| 12345 | shipped | 2026-11-24 |"
    assert found.address == f"{shop}/orders/12345"


def test_without_a_choice_all_of_it_is_shown(shop: str) -> None:
    found = http_tool.call(order(shop), {"id": "12346"})
    assert found.text == (
        "| order.id | order.status | order.eta | order.items |\n| 12346 | packed |  |  |"
    )  # an empty list is nothing to show


def test_a_list_of_objects_is_a_table_of_many_rows(shop: str) -> None:
    tool = HttpTool(name="find", url=f"{shop}/search?status={{status}}", show=("id", "status"))
    assert http_tool.call(tool, {"status": "packed"}).text == "| id | status |\n| 12346 | packed |"


def test_post_sends_the_other_fields_as_json(shop: str) -> None:
    tool = HttpTool(name="search", url=f"{shop}/find", method="POST")
    assert '"quote\' \\" {}"' not in http_tool.call(tool, {"text": "quote' \" {}"}).text
    assert "quote' \" {}" in http_tool.call(tool, {"text": "quote' \" {}"}).text


def test_plain_text_is_taken_without_control_characters_and_pages_are_refused(shop: str) -> None:
    assert http_tool.call(HttpTool(name="note", url=f"{shop}/note"), {}).text == "all parcels are late[31m today"
    with pytest.raises(ToolFailed, match="text/html"):
        http_tool.call(HttpTool(name="page", url=f"{shop}/page"), {})


@pytest.mark.parametrize("path", ["broken", "orders/1", "nowhere"])
def test_what_fails_says_why(shop: str, path: str) -> None:
    with pytest.raises(ToolFailed, match=r"JSON|says 404"):
        http_tool.call(HttpTool(name="x", url=f"{shop}/{path}"), {})


@pytest.mark.parametrize(
    "hostile",
    [
        "../asked",
        "12345/../../asked",
        "..",
        "12345?x=1",
        "12345#x",
        "1 2",
        "12345\r\nX-Evil: 1",
        "%2e%2e",
        "",
        "9" * 600,
    ],
)
def test_what_is_sent_stays_one_step_of_the_path(shop: str, hostile: str) -> None:
    before = len(asked(shop))
    with pytest.raises((ToolRefused, ToolFailed)) as refused:
        http_tool.call(order(shop), {"id": hostile})
    paths = [each["path"] for each in asked(shop)[before:] if not each["path"].startswith("/asked")]
    assert all(path.startswith("/orders/") and path.count("/") == 2 and "?" not in path for path in paths)
    assert isinstance(refused.value, ToolRefused) or "404" in str(refused.value)


def test_unknown_and_missing_fields_are_refused(shop: str) -> None:
    with pytest.raises(ToolRefused, match="missing"):
        http_tool.call(order(shop), {})
    with pytest.raises(ToolRefused, match="takes no"):
        http_tool.call(order(shop), {"id": "1", "other": "2"})


def test_an_address_in_any_script_is_asked(shop: str) -> None:
    before = len(asked(shop))
    there = quote("/订单/12345", safe="")
    for url in (f"{shop}/订单/{{id}}?q=é%20x", f"{shop}/to?url={there}"):
        with pytest.raises(ToolFailed, match="404"):
            http_tool.call(HttpTool(name="order", url=url), {"id": "12345"} if "{" in url else {})
    paths = [each["path"] for each in asked(shop)[before:]]
    wanted = quote("/订单/12345")
    assert (paths[0], paths[2]) == (f"{wanted}?q=%C3%A9%20x", wanted)
    limits = http_tool.limits(HttpTool(name="x", url="https://bücher.example/", hosts=("订单.example",)))
    assert limits.hosts == {"xn--bcher-kva.example:443", "xn--4kr132k.example:443", "xn--4kr132k.example:80"}


@pytest.mark.parametrize(
    ("named", "hosts"),
    [
        ("Shop.Example:443", {"shop.example:443"}),
        ("shop.example", {"shop.example:443", "shop.example:80"}),
        ("[::1]:8080", {"::1:8080"}),
        ("[::1]", {"::1:443", "::1:80"}),
    ],
)
def test_a_further_host_may_have_a_port(named: str, hosts: set[str]) -> None:
    found = http_tool.limits(HttpTool(name="x", url="http://first.example:81/", hosts=(named,))).hosts
    assert found == {"first.example:81", *hosts}


def test_a_further_host_that_is_none_is_named() -> None:
    with pytest.raises(ToolRefused, match="//shop:many is no web address"):
        http_tool.limits(HttpTool(name="x", url="http://first.example/", hosts=("shop:many",)))


def test_the_usual_port_is_not_told(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        def wrap_socket(self, plain: socket.socket, server_hostname: str) -> socket.socket:
            return plain

    before = len(asked(shop))
    monkeypatch.setattr(connection, "trusting", Plain)
    monkeypatch.setitem(connection.PORTS, "https", int(shop.rpartition(":")[2]))
    for url in (f"{shop}/note", "https://127.0.0.1/note"):
        http_tool.call(HttpTool(name="note", url=url), {})
    assert [each["host"] for each in asked(shop)[before : before + 2]] == [shop.removeprefix("http://"), "127.0.0.1"]


# --- where it may go -------------------------------------------------------------------------------------------------


def sent_on(shop: str, to: str, **changes: Any) -> HttpTool:
    return HttpTool(**{"name": "to", "url": f"{shop}/to?url={quote(to, safe='')}", **changes})


def test_a_redirect_on_the_same_host_is_followed(shop: str) -> None:
    assert "shipped" in http_tool.call(sent_on(shop, "/orders/12345"), {}).text


@pytest.mark.parametrize(
    "to",
    [
        "http://example.com/", "https://127.0.0.1/", "http://127.0.0.1:1/", "http://169.254.169.254/latest/",
        "http://[::ffff:127.0.0.1]:1/", "http://2130706433/", "file:///etc/passwd", "ftp://127.0.0.1/",
        "//evil.example/x",
        "http://user:pass@evil.example/",
    ],
)  # fmt: skip
def test_a_redirect_to_another_host_is_refused(shop: str, to: str) -> None:
    with pytest.raises(ToolRefused):
        http_tool.call(sent_on(shop, to), {})


def test_a_listed_host_that_leads_to_a_private_address_is_refused_unless_it_is_meant(shop: str) -> None:
    port, name = shop.rpartition(":")[2], socket.gethostname()
    address = socket.gethostbyname(name)
    if connection.is_public(address):
        pytest.skip("this machine's own name leads to a public address")
    there = f"http://{name}:{port}/orders/12345"
    with pytest.raises(ToolRefused, match="private address"):
        http_tool.call(sent_on(shop, there, hosts=(f"{name}:{port}",)), {})
    assert "shipped" in http_tool.call(sent_on(shop, there, hosts=(f"{name}:{port}",), private=True), {}).text


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("10.0.0.1", False), ("172.16.0.1", False), ("127.0.0.1", False),
        ("169.254.169.254", False), ("::1", False), ("fe80::1%eth0", False), ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False), ("0.0.0.0", False), ("224.0.0.1", False), ("100.64.0.1", False),
    ],
)  # fmt: skip
def test_public_addresses_are_told_from_all_others(address: str, public: bool) -> None:
    assert connection.is_public(address) is public


def test_redirects_in_a_circle_and_of_posts_are_refused(shop: str) -> None:
    circle = f"{shop}/to?url=" + quote("/to?url=" + quote("/to?url=%2Fto%3Furl%3D%2Fto", safe=""), safe="")
    with pytest.raises((ToolRefused, ToolFailed)):
        http_tool.call(HttpTool(name="circle", url=circle), {})
    with pytest.raises(ToolRefused, match="posted"):
        http_tool.call(HttpTool(name="post", url=f"{shop}/to", method="POST"), {"a": "b"})


def test_a_long_reply_is_refused_and_a_slow_one_given_up(shop: str) -> None:
    with pytest.raises(ToolRefused, match="longer than 256 KB"):
        http_tool.call(HttpTool(name="long", url=f"{shop}/long"), {})
    for path in ("slow", "drip"):
        began = time.monotonic()
        with pytest.raises(ToolTimedOut):
            http_tool.call(HttpTool(name="slow", url=f"{shop}/{path}", seconds=0.5), {})
        assert time.monotonic() - began < 15  # by themselves they take 30 s and 20 s


# --- keys ------------------------------------------------------------------------------------------------------------


def test_the_key_is_sent_and_never_shown(shop: str, key: None) -> None:
    before = len(asked(shop))
    found = http_tool.call(HttpTool(name="mirror", url=f"{shop}/mirror", key="shop"), {})
    assert asked(shop)[before]["authorization"] == "Bearer k3y-of-the-shop"
    assert "k3y" not in found.text
    assert "•••" in found.text
    own = HttpTool(name="mirror", url=f"{shop}/mirror", key="shop", headers=("X-Shop: id={key}",))
    assert "id=•••" in http_tool.call(own, {}).text


def test_the_key_does_not_follow_to_another_host(shop: str, key: None) -> None:
    port, name = shop.rpartition(":")[2], socket.gethostname()
    tool = sent_on(shop, f"http://{name}:{port}/mirror", hosts=(f"{name}:{port}",), private=True, key="shop")
    assert http_tool.call(tool, {}).text == "| authorization | shop |\n|  |  |"


def test_a_key_that_is_not_there_says_how_to_set_it(shop: str, key: None) -> None:
    with pytest.raises(ToolFailed, match="kotaemon-desktop tools key other"):
        http_tool.call(order(shop, key="other"), {"id": "12345"})


# --- OpenAPI ---------------------------------------------------------------------------------------------------------

OPENAPI = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://evil.example}]
paths:
  /orders/{id}:
    parameters:
      - {$ref: "#/components/parameters/OrderId"}
    get: {operationId: getOrder}
    delete: {operationId: deleteOrder}
  /orders/{order-id}:
    get:
      operationId: getByNumber
      parameters: [{name: order-id, in: path, required: true, schema: {type: integer}}]
  /undeclared/{order-id}:
    get: {operationId: undeclared}
  /search:
    get:
      operationId: findOrders
      parameters:
        - {name: status, in: query, required: true, description: How far, schema: {$ref: "#/components/schemas/Status"}}
  /find:
    post:
      operationId: search
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [count], properties: {count: {type: integer}, late: {type: boolean}}}
components:
  parameters:
    OrderId: {name: id, in: path, required: true, schema: {type: integer}}
  schemas:
    Status: {type: string, enum: [packed, shipped]}
"""


@pytest.fixture
def openapi(tmp_path: Path) -> str:
    (tmp_path / "shop.yaml").write_text(OPENAPI, "utf-8")
    return str(tmp_path / "shop.yaml")


def test_an_operation_is_picked_by_its_id_and_asked_at_the_declared_address(shop: str, openapi: str) -> None:
    tool = HttpTool(name="order", url=shop, openapi=openapi, operation="getOrder", show=("order.status",))
    assert http_tool.call(tool, {"id": "12345"}).text == "| status |\n| shipped |"
    with pytest.raises(ToolRefused, match="“abc” is no id"):
        http_tool.call(tool, {"id": "abc"})
    find = HttpTool(name="find", url=shop, openapi=openapi, operation="findOrders", show=("id",))
    assert http_tool.call(find, {"status": "packed"}).text == "| id |\n| 12346 |"
    with pytest.raises(ToolRefused, match="is no status"):
        http_tool.call(find, {"status": "packed&admin=1"})
    body = HttpTool(name="post", url=shop, openapi=openapi, operation="search")
    assert "| 3 | true |" in http_tool.call(body, {"count": "3", "late": "yes"}).text


def test_a_field_may_have_a_name_that_no_group_of_a_pattern_has(shop: str, openapi: str) -> None:
    tool = HttpTool(name="order", url=shop, openapi=openapi, operation="getByNumber", show=("order.status",))
    for name in ("order-id", "order_id"):
        assert http_tool.call(tool, {name: "12345"}).text == "| status |\n| shipped |"
    undeclared = HttpTool(name="order", url=shop, openapi=openapi, operation="undeclared")
    with pytest.raises(ToolRefused, match="“order-id” is missing"):
        http_tool.call(undeclared, {})


def test_only_get_and_post_are_called_and_broken_files_named(shop: str, openapi: str, tmp_path: Path) -> None:
    with pytest.raises(ToolRefused, match="no GET or POST operation “deleteOrder”"):
        http_tool.call(HttpTool(name="x", url=shop, openapi=openapi, operation="deleteOrder"), {"id": "1"})
    (tmp_path / "bad.json").write_text('{"paths": []}', "utf-8")
    for file in ("bad.json", "missing.yaml"):
        with pytest.raises(ToolRefused, match="cannot be read"):
            http_tool.call(HttpTool(name="x", url=shop, openapi=str(tmp_path / file), operation="a"), {})


def test_what_an_operation_takes_is_told_to_models(shop: str, openapi: str) -> None:
    find = HttpTool(name="find", url=shop, openapi=openapi, operation="findOrders")
    assert http_tool.parameters(find) == {
        "type": "object",
        "properties": {"status": {"type": "string", "description": "How far", "enum": ["packed", "shipped"]}},
        "required": ["status"],
    }
