package dev.slipway.data.statistics;

import dev.slipway.data.example.Value;
import java.util.OptionalLong;

/** 64 bits of a content, most of which are the same for contents that look alike. */
@FunctionalInterface
public interface PerceptualHash {
  /** Nothing is looked at. */
  PerceptualHash NONE = value -> OptionalLong.empty();

  /** None where the value is not of its kind, or says too little. */
  OptionalLong of(Value value);
}
