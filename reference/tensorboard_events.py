"""Fixture for dev.slipway.train.TensorBoardWriter, by TensorBoard's own writer. Run with tensorboard==2.21.0:

    python reference/tensorboard_events.py core/src/test/resources/dev/slipway/train/tensorboard.hex
"""

import io
import sys

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

WALL_TIME = 1767323045.5  # 2026-01-02T03:04:05.500Z


def record(event):
    out = io.BytesIO()
    RecordWriter(out).write(event.SerializeToString(deterministic=True))
    return out.getvalue().hex()


values = [
    Summary.Value(tag="train/loss", simple_value=2.5),
    Summary.Value(tag="train/learning_rate", simple_value=0.001),
]
with open(sys.argv[1], "w") as out:
    out.write(record(Event(wall_time=WALL_TIME, file_version="brain.Event:2")) + "\n")
    out.write(record(Event(wall_time=WALL_TIME, step=300, summary=Summary(value=values))) + "\n")
