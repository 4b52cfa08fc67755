package dev.slipway.task;

import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.source.Dropped;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * One of several classes.
 *
 * @param classes names in the order of the outputs
 */
public record MultiClassClassification(String field, List<String> classes) implements HeadTask {
  public MultiClassClassification {
    classes = List.copyOf(classes);
  }

  @Override
  public Head head(String name) {
    return new Head(name, classes.size(), false, classes.size() + " classes");
  }

  @Override
  public Encoded target(String name, ExampleSet examples) {
    return ClassNames.encode(name, field, classes, examples);
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return ClassNames.problem(field, classes, examples, example);
  }

  /** Softmax: (B, C) logits to probabilities. */
  @Override
  public Tensor scores(Tensor raw) {
    return raw.to(DType.FLOAT64).softmax(-1);
  }
}
