"""The air between virtual Bluetooth controllers: one room, one central, devices that can walk out of range.

bumble 0.0.236 needs three things put right for faithful tests, all by subclassing:
- data is routed by the address a connection was made with, not by the sender's present one;
- LE Create Connection Cancel completes and disarms the initiator (a connect that timed out would hang for ever);
- there is a supervision timeout: who is out of range for `SUPERVISION_S` has lost its links on both ends.
Linux asks for 0.42 s of supervision timeout and devices often negotiate seconds; 2 s stands between.
Privacy and extended advertising are masked off: plain legacy advertising is what straps and treadmills do.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from bumble import core, hci, ll
from bumble.controller import Connection, Controller
from bumble.device import Device
from bumble.link import LocalLink

SUPERVISION_S = 2.0
ADVERTISING_MS = 100.0
CENTRAL_ADDRESS = "F0:F1:F2:F3:F4:F5"


class VirtualController(Controller):
    """A controller whose pending connects can be cancelled."""

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        cancelled = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, cancelled)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


class Ether(LocalLink):
    """Carries PDUs between controllers that are in range."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.silent: set[Controller] = set()

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: core.PhysicalTransport,
        data: bytes,
    ) -> None:
        connection = sender_controller.le_connections.get(destination_address)
        peer = self._other_end(connection)
        if connection is None or peer is None or self.silent & {sender_controller, peer}:
            return
        loop = asyncio.get_running_loop()
        loop.call_soon(peer.on_link_acl_data, connection.self_address, transport, data)

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        if sender_controller in self.silent:
            return
        for controller in self.controllers - self.silent - {sender_controller}:
            asyncio.get_running_loop().call_soon(controller.on_ll_advertising_pdu, packet)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        ends = (self.find_le_controller(sender_address), self.find_le_controller(receiver_address))
        if None not in ends and not self.silent & set(ends):
            super().send_ll_control_pdu(sender_address, receiver_address, packet)

    def lose(self, controller: Controller) -> None:
        """The supervision timeout: both ends of every link of this controller find it gone."""
        reason = int(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
        for connection in list(controller.le_connections.values()):
            peer = self._other_end(connection)
            if peer is not None:
                peer.on_le_disconnected(peer.le_connections[connection.self_address], reason)
            controller.on_le_disconnected(connection, reason)

    def _other_end(self, connection: Connection | None) -> Controller | None:
        if connection is None:
            return None
        for controller in self.controllers:
            other = controller.le_connections.get(connection.self_address)
            if other is not None and other.self_address == connection.peer_address:
                return controller
        return None


class Air:
    """One room. `async with Air() as air` powers the central; leave the devices first."""

    def __init__(self) -> None:
        self.ether = Ether()
        self.connecting = asyncio.Lock()
        """A controller has one initiator."""
        self.central = self.device("central", CENTRAL_ADDRESS)

    def device(self, name: str, address: str) -> Device:
        """A host on a new controller in this room, switched off."""
        controller = VirtualController(name, link=self.ether)
        controller.le_features &= ~(hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING)
        return Device.with_hci(name, hci.Address(address), cast(Any, controller), cast(Any, controller))

    async def switch_on(self, device: Device) -> None:
        """Power a peripheral and let it advertise whenever it is not connected."""
        await device.power_on()
        await device.start_advertising(
            auto_restart=True,
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )

    async def drop(self, device: Device) -> None:
        """The peripheral ends its links; it goes on advertising."""
        for connection in list(device.connections.values()):
            await connection.disconnect()

    def out_of_range(self, device: Device) -> None:
        """Nothing gets through from now on; after `SUPERVISION_S` the links are lost."""
        controller = self._controller(device)
        self.ether.silent.add(controller)

        def expire() -> None:
            if controller in self.ether.silent:
                self.ether.lose(controller)

        asyncio.get_running_loop().call_later(SUPERVISION_S, expire)

    def back_in_range(self, device: Device) -> None:
        self.ether.silent.discard(self._controller(device))

    async def __aenter__(self) -> Air:
        await self.central.power_on()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.central.is_scanning:
            await self.central.stop_scanning(legacy=True)
        await self.central.power_off()

    async def switch_off(self, device: Device) -> None:
        """It ends its links, stops advertising and is off."""
        self.back_in_range(device)
        await device.stop_advertising()
        await self.drop(device)
        await device.stop_advertising()
        await device.power_off()

    def _controller(self, device: Device) -> Controller:
        for controller in self.ether.controllers:
            if controller.random_address == device.random_address:
                return controller
        raise LookupError(f"{device.name} is not in this room; make it with Air.device()")
