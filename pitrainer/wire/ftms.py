"""Bluetooth Fitness Machine Service 0x1826 for treadmills, both roles: the door to the `ftms_*` modules.

A treadmill notifies `TREADMILL_DATA` about once a second and `MACHINE_STATUS` when something happens, answers
writes to `CONTROL_POINT` by indications, and lets its feature and ranges be read. Decoding what it sends and
encoding for its control point are the controller's side; the opposite functions are the virtual treadmill's.
"""

from __future__ import annotations

from pitrainer.wire.fields import full_uuid
from pitrainer.wire.ftms_commands import (
    encode_bike_simulation,
    encode_pause,
    encode_request_control,
    encode_reset,
    encode_spin_down,
    encode_start,
    encode_stop,
    encode_target_cadence,
    encode_target_distance,
    encode_target_energy,
    encode_target_heart_rate,
    encode_target_incline,
    encode_target_power,
    encode_target_resistance,
    encode_target_speed,
    encode_target_steps,
    encode_target_strides,
    encode_target_time,
    encode_target_zone_times,
    encode_wheel_circumference,
)
from pitrainer.wire.ftms_control import (
    ControlOp,
    ControlPointRequest,
    ControlPointResponse,
    Result,
    StopKind,
    decode_control_point,
    decode_control_point_response,
    encode_control_point,
    encode_control_point_response,
)
from pitrainer.wire.ftms_data import (
    SpeedUnit,
    TreadmillData,
    decode_treadmill_data,
    encode_treadmill_data,
    merge,
)
from pitrainer.wire.ftms_info import (
    FEATURE_NAMES,
    Feature,
    Range,
    decode_feature,
    decode_heart_rate_range,
    decode_incline_range,
    decode_power_range,
    decode_resistance_range,
    decode_service_data,
    decode_speed_range,
    encode_feature,
    encode_heart_rate_range,
    encode_incline_range,
    encode_power_range,
    encode_resistance_range,
    encode_service_data,
    encode_speed_range,
)
from pitrainer.wire.ftms_status import (
    MachineStatus,
    StatusOp,
    Training,
    TrainingStatus,
    decode_machine_status,
    decode_training_status,
    encode_machine_status,
    encode_training_status,
)

FITNESS_MACHINE_SERVICE = full_uuid(0x1826)
FEATURE = full_uuid(0x2ACC)
TREADMILL_DATA = full_uuid(0x2ACD)
TRAINING_STATUS = full_uuid(0x2AD3)
SPEED_RANGE = full_uuid(0x2AD4)
INCLINE_RANGE = full_uuid(0x2AD5)
RESISTANCE_RANGE = full_uuid(0x2AD6)
HEART_RATE_RANGE = full_uuid(0x2AD7)
POWER_RANGE = full_uuid(0x2AD8)
CONTROL_POINT = full_uuid(0x2AD9)
MACHINE_STATUS = full_uuid(0x2ADA)

__all__ = [
    "CONTROL_POINT",
    "FEATURE",
    "FEATURE_NAMES",
    "FITNESS_MACHINE_SERVICE",
    "HEART_RATE_RANGE",
    "INCLINE_RANGE",
    "MACHINE_STATUS",
    "POWER_RANGE",
    "RESISTANCE_RANGE",
    "SPEED_RANGE",
    "TRAINING_STATUS",
    "TREADMILL_DATA",
    "ControlOp",
    "ControlPointRequest",
    "ControlPointResponse",
    "Feature",
    "MachineStatus",
    "Range",
    "Result",
    "SpeedUnit",
    "StatusOp",
    "StopKind",
    "Training",
    "TrainingStatus",
    "TreadmillData",
    "decode_control_point",
    "decode_control_point_response",
    "decode_feature",
    "decode_heart_rate_range",
    "decode_incline_range",
    "decode_machine_status",
    "decode_power_range",
    "decode_resistance_range",
    "decode_service_data",
    "decode_speed_range",
    "decode_training_status",
    "decode_treadmill_data",
    "encode_bike_simulation",
    "encode_control_point",
    "encode_control_point_response",
    "encode_feature",
    "encode_heart_rate_range",
    "encode_incline_range",
    "encode_machine_status",
    "encode_pause",
    "encode_power_range",
    "encode_request_control",
    "encode_reset",
    "encode_resistance_range",
    "encode_service_data",
    "encode_speed_range",
    "encode_spin_down",
    "encode_start",
    "encode_stop",
    "encode_target_cadence",
    "encode_target_distance",
    "encode_target_energy",
    "encode_target_heart_rate",
    "encode_target_incline",
    "encode_target_power",
    "encode_target_resistance",
    "encode_target_speed",
    "encode_target_steps",
    "encode_target_strides",
    "encode_target_time",
    "encode_target_zone_times",
    "encode_training_status",
    "encode_treadmill_data",
    "encode_wheel_circumference",
    "merge",
]
