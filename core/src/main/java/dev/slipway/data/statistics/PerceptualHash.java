package dev.slipway.data.statistics;

import dev.slipway.data.example.Value;
import java.util.OptionalLong;

/**
 * Finds contents that look alike: by 64 bits, most of which they share, and then by a closer look.
 */
public interface PerceptualHash {
  /** Nothing is looked at. */
  PerceptualHash NONE =
      new PerceptualHash() {
        @Override
        public OptionalLong of(Value value) {
          return OptionalLong.empty();
        }

        @Override
        public double likeness(Value one, Value other) {
          return 0;
        }
      };

  /** None where the value is not of its kind, or says too little. */
  OptionalLong of(Value value);

  /** How alike two values are whose bits are close, at most 1. */
  double likeness(Value one, Value other);
}
