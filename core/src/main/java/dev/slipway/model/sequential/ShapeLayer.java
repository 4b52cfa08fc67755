package dev.slipway.model.sequential;

import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The same values in another shape. */
public sealed interface ShapeLayer extends Layer {
  private static InputShape fixed(InputShape input) {
    if (input.isVariable() || input.sizes().isEmpty()) {
      throw new Mismatch(
          "a shape that is the same for every example",
          "give texts and sounds a fixed length, or put a pooling or recurrent layer before it");
    }
    return input;
  }

  @Doc("All of an example as one row")
  record Flatten() implements ShapeLayer {
    @Override
    public InputShape output(InputShape input) {
      Shapes.features(fixed(input));
      return Shapes.floats(List.of(Shapes.values(input)));
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(x.values().reshape(x.values().size(0), -1));
    }
  }

  @Doc("Another shape with as many values")
  record Reshape(@Doc("Sizes without the batch's") List<Integer> sizes) implements ShapeLayer {
    public Reshape {
      sizes = List.copyOf(sizes);
      if (sizes.isEmpty() || sizes.stream().anyMatch(size -> size < 1)) {
        throw new InvalidSetting("sizes", sizes.toString(), "sizes of at least 1");
      }
    }

    @Override
    public InputShape output(InputShape input) {
      Shapes.features(fixed(input));
      List<Long> target = sizes.stream().map(Integer::longValue).toList();
      InputShape shape = Shapes.floats(target);
      if (Shapes.values(shape) != Shapes.values(input)) {
        throw new Mismatch(
            Shapes.values(shape) + " values for " + Shapes.text(shape),
            "choose sizes whose product is " + Shapes.values(input));
      }
      return shape;
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(
          x.values()
              .reshape(
                  LongStream.concat(
                          LongStream.of(x.values().size(0)),
                          sizes.stream().mapToLong(Integer::longValue))
                      .toArray()));
    }
  }

  @Doc("The dimensions in another order")
  record Permute(@Doc("The old place of each, counted from 1 after the batch") List<Integer> order)
      implements ShapeLayer {
    public Permute {
      order = List.copyOf(order);
      if (!order.stream()
          .sorted()
          .toList()
          .equals(IntStream.rangeClosed(1, order.size()).boxed().toList())) {
        throw new InvalidSetting(
            "order", order.toString(), "each of 1 to " + order.size() + " once");
      }
    }

    @Override
    public InputShape output(InputShape input) {
      fixed(input);
      if (input.sizes().size() != order.size()) {
        throw new Mismatch(
            order.size() + " dimensions after the batch", "name each of them once in order");
      }
      List<Long> sizes = new ArrayList<>();
      order.forEach(place -> sizes.add(input.sizes().get(place - 1)));
      return new InputShape("", input.kind(), sizes, input.cardinalities());
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(
          x.values()
              .permute(
                  LongStream.concat(LongStream.of(0), order.stream().mapToLong(Integer::longValue))
                      .toArray()));
    }
  }
}
