package dev.slipway.model.sequential;

import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Matches;
import java.util.List;

/** One of several outputs of a network, and the layers that lead from the trunk to it. */
public record Head(
    @Doc("What the task calls it") @Matches(value = "^[A-Za-z0-9_-]{1,64}$", expected = "a name")
        String name,
    @Doc("Its layers") List<Layer> layers) {
  public Head {
    layers = List.copyOf(layers);
  }
}
