"""Two real Mosquittos and the shipped bridge between them: a treadmill's and a gym's, each with its access list.

The bridge's file is config/examples/bridge-gym.conf as it is shipped, but for the address, the password and TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiomqtt
import msgspec
import pytest
from broker_kit import Broker, Settings, command, controller, mosquitto, program, running, until

from pitrainer.mqtt import Topics, open_client

CONFIG = Path(__file__).parents[2] / "config"
T07 = Topics("t07")
GYM = "gym/north/t07"
ANYTHING = "anything"
"""A user of the tests' brokers whom no access list holds back, so that only the bridge does."""


@dataclass(frozen=True)
class Gym:
    """`pi` and `desk`: how the controller and the gym's desk log in, each at their own broker."""

    pi_broker: Broker
    gym_broker: Broker
    pi: Settings
    desk: Settings


def guarded(directory: Path, acl: Path, users: tuple[str, ...], more: str = "") -> Broker:
    """A broker with this access list; everybody's password is their name."""
    directory.mkdir()
    passwords = directory / "passwd"
    for user in users:
        create = [] if passwords.exists() else ["-c"]
        subprocess.run([program("mosquitto_passwd"), *create, "-b", str(passwords), user, user], check=True)
        (directory / f"password-{user}").write_text(user)
    (directory / "acl").write_text(f"{acl.read_text()}\nuser {ANYTHING}\ntopic readwrite #\n")
    lines = f"allow_anonymous false\npassword_file {passwords}\nacl_file {directory / 'acl'}\n{more}"
    return mosquitto(directory, conf=lines)


def as_user(broker: Broker, directory: Path, user: str) -> Settings:
    return replace(broker.settings, machine_id="t07", username=user, password_file=str(directory / f"password-{user}"))


def bridge(gym_port: int) -> str:
    """The shipped file for this test's gym."""
    lines = (CONFIG / "examples/bridge-gym.conf").read_text().splitlines()
    assert "bridge_cafile /etc/ssl/certs/ca-certificates.crt" in lines
    kept = [line for line in lines if not line.startswith(("#", "bridge_cafile"))]
    text = "\n".join(kept).replace("gym-broker.example.org:8883", f"127.0.0.1:{gym_port}")
    return text.replace("CHANGE-ME", "t07").replace("restart_timeout 5 60", "restart_timeout 1") + "\n"


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gym]:
    directory = tmp_path_factory.mktemp("gym")
    above = guarded(directory / "gym", CONFIG / "examples/gym-broker.acl", ("t07", "t08", "desk", "recorder", ANYTHING))
    below = guarded(
        directory / "pi", CONFIG / "mosquitto/pitrainer.acl", ("controller", "web"), bridge(above.settings.port)
    )
    with running(above), running(below):
        pi = as_user(below, directory / "pi", "controller")
        yield Gym(below, above, pi, as_user(above, directory / "gym", "desk"))


class Desk:
    """Who sits at the gym's broker."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[str, bytes]] = []

    def said(self, topic: str) -> list[bytes]:
        return [payload for where, payload in self.heard if where == topic]

    async def listen(self) -> None:
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((message.topic.value, message.payload))


@contextlib.asynccontextmanager
async def at(settings: Settings) -> AsyncIterator[Desk]:
    async with open_client(settings, identifier=f"at-{settings.username}", will=False) as client:
        it = Desk(client)
        await client.subscribe("#", qos=1)
        listening = asyncio.create_task(it.listen())
        try:
            yield it
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await listening


def test_the_gym_sees_state_status_and_events_and_its_stop_arrives(gym: Gym) -> None:
    async def scene() -> None:
        async with at(gym.desk) as desk, controller(gym.pi) as it:
            await until(lambda: b"1" in desk.said(f"{GYM}/bridge"))
            it.link.offer_state({"seq": 7})
            it.link.offer_event({"event_type": "heart_lost", "text": "", "elapsed_s": 1.0})
            await until(lambda: desk.said(f"{GYM}/state") and desk.said(f"{GYM}/event"))
            assert msgspec.json.decode(desk.said(f"{GYM}/state")[-1])["seq"] == 7
            assert desk.said(f"{GYM}/status")[-1:] == [b"online"]
            await desk.client.publish(f"{GYM}/set/stop", b"STOP", qos=1)
            await until(lambda: it.orders)
            assert [order.cmd for order in it.orders] == ["stop"]

    asyncio.run(scene())


def test_nothing_but_stop_comes_down_whatever_the_gym_says(gym: Gym) -> None:
    async def scene() -> None:
        base = Path(str(gym.desk.password_file)).parent
        async with controller(gym.pi) as it, at(as_user(gym.gym_broker, base, ANYTHING)) as desk:
            await until(lambda: b"1" in desk.said(f"{GYM}/bridge"))
            for leaf, words in (
                ("cmd", command("start")), ("set/pause", b"PAUSE"), ("set/session", b"Capped climb"),
                ("state", b'{"seq":666}'), ("sim", b'{"do":"strap_off"}'), ("set/stop/cmd", command("start")),
            ):  # fmt: skip
                await desk.client.publish(f"{GYM}/{leaf}", words, qos=1)
                await desk.client.publish(f"pitrainer/t07/{leaf}", words, qos=1)
            await desk.client.publish(f"{GYM}/set/stop", b"STOP", qos=1)
            await until(lambda: it.orders)
            assert [order.cmd for order in it.orders] == ["stop"]
            assert it.wishes == []

    asyncio.run(scene())


def test_a_treadmill_writes_under_its_own_name_only_and_a_recorder_only_reads(gym: Gym) -> None:
    async def scene() -> None:
        base = Path(str(gym.desk.password_file)).parent
        neighbour, recorder = (as_user(gym.gym_broker, base, user) for user in ("t08", "recorder"))
        async with at(gym.desk) as desk, at(neighbour) as t08, at(recorder) as telegraf:
            await t08.client.publish(f"{GYM}/state", b"forged", qos=1)
            await telegraf.client.publish(f"{GYM}/set/stop", b"forged", qos=1)
            await t08.client.publish("gym/north/t08/state", b"own", qos=1)
            await until(lambda: desk.said("gym/north/t08/state"))
            assert b"forged" not in [payload for _, payload in desk.heard]
            await until(lambda: telegraf.said("gym/north/t08/state"))

    asyncio.run(scene())


def test_a_treadmill_runs_on_without_the_gym_and_is_seen_again_when_it_is_back(gym: Gym) -> None:
    async def scene() -> None:
        async with controller(gym.pi) as it:
            gym.gym_broker.kill()
            it.link.offer_state({"seq": 8})
            async with at(replace(gym.pi, username="web", password_file=str(web_password(gym)))) as page:
                await page.client.publish(T07.cmd, command("pause", id="alone"), qos=1)
                await until(lambda: any(b"alone" in payload for payload in page.said(T07.ack)))
            gym.gym_broker.start()
            async with at(gym.desk) as desk:
                await until(lambda: b"1" in desk.said(f"{GYM}/bridge"))
                it.link.offer_state({"seq": 9})
                await until(lambda: any(b'"seq":9' in payload for payload in desk.said(f"{GYM}/state")))
            assert [order.cmd for order in it.orders] == ["pause"]

    asyncio.run(scene())


def web_password(gym: Gym) -> Path:
    return Path(str(gym.pi.password_file)).with_name("password-web")
