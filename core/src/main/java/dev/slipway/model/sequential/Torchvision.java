package dev.slipway.model.sequential;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Weights of {@code torchvision.models} in safetensors, as {@code state_dict()} names them: those
 * of AlexNet, ResNet-18, ResNet-50 and EfficientNet-B0.
 */
public final class Torchvision {
  /** What counts a batch norm's batches; only a norm without a momentum would use it. */
  private static final String COUNTER = "num_batches_tracked";

  private Torchvision() {}

  /**
   * Fills the ready network among the layers with weights; a classifier in them is left out where
   * the network has {@code classes: 0}.
   *
   * @param name of the source in an error
   * @throws SlipwayException {@code model.weights} if something is missing, surplus or of another
   *     shape; nothing is changed then
   */
  public static void load(Sequential network, WeightSource source, String name) {
    load(network, source, name, false);
  }

  /**
   * The same, but a classifier of other classes keeps its first values, to be learnt.
   *
   * @throws SlipwayException as {@link #load(Sequential, WeightSource, String)}
   */
  public static void pretrain(Sequential network, WeightSource source, String name) {
    load(network, source, name, true);
  }

  private static void load(
      Sequential network, WeightSource source, String name, boolean otherClasses) {
    List<Layer> layers = network.config().layers();
    for (int i = 0; i < layers.size(); i++) {
      switch (layers.get(i)) {
        case ReadyNetwork.Alexnet ready ->
            load(network, i, ready, "classifier.6.", source, name, otherClasses);
        case ReadyNetwork.Resnet18 ready ->
            load(network, i, ready, "fc.", source, name, otherClasses);
        case ReadyNetwork.Resnet50 ready ->
            load(network, i, ready, "fc.", source, name, otherClasses);
        case ReadyNetwork.EfficientNetB0 ready ->
            load(network, i, ready, "classifier.1.", source, name, otherClasses);
        default -> {
          continue;
        }
      }
      return;
    }
    throw new SlipwayException(
        Exit.USAGE,
        "model.not-torchvision",
        "the network's layers are "
            + layers.stream().map(Layer::kind).toList()
            + ", expected one of alexnet, resnet18, resnet50 and efficientnet-b0 for "
            + name,
        "use the network that the weights belong to");
  }

  private static void load(
      Sequential network,
      int index,
      ReadyNetwork ready,
      String classifier,
      WeightSource source,
      String name,
      boolean otherClasses) {
    String prefix = index + ".";
    List<ParameterSpec> specs = new ArrayList<>(network.parameters().specs());
    specs.addAll(network.buffers().specs());
    specs.removeIf(spec -> !spec.name().startsWith(prefix));
    Set<String> surplus = new TreeSet<>(source.names());
    boolean other =
        otherClasses && specs.stream().anyMatch(spec -> isOther(spec, prefix, classifier, source));
    if (other) {
      specs.removeIf(spec -> spec.name().startsWith(prefix + classifier));
    }
    surplus.removeIf(
        tensor ->
            tensor.endsWith(COUNTER)
                || ((other || ready.classes().value() == 0) && tensor.startsWith(classifier)));
    List<String> wrong = new ArrayList<>();
    for (ParameterSpec spec : specs) {
      String tensor = spec.name().substring(prefix.length());
      if (!surplus.remove(tensor)) {
        wrong.add("lacks " + tensor + ", expected it " + spec.shape());
      } else if (!source.shape(tensor).equals(spec.shape())) {
        wrong.add("has " + tensor + " " + source.shape(tensor) + ", expected " + spec.shape());
      }
    }
    surplus.forEach(tensor -> wrong.add("has " + tensor + ", which the network does not have"));
    if (!wrong.isEmpty()) {
      throw refused(ready, classifier, wrong, name);
    }
    try (NoGrad _ = NoGrad.open()) {
      for (ParameterSet set : List.of(network.parameters(), network.buffers())) {
        for (ParameterSpec spec : set.specs()) {
          if (specs.contains(spec)) {
            try (Scope _ = Scope.open()) {
              set.value(spec.name())
                  .copyInPlace(source.tensor(spec.name().substring(prefix.length())));
            }
          }
        }
      }
    }
  }

  /** Whether it belongs to a classifier that the source has in another shape, or not at all. */
  private static boolean isOther(
      ParameterSpec spec, String prefix, String classifier, WeightSource source) {
    String tensor = spec.name().substring(prefix.length());
    return tensor.startsWith(classifier)
        && (!source.names().contains(tensor) || !source.shape(tensor).equals(spec.shape()));
  }

  private static SlipwayException refused(
      ReadyNetwork ready, String classifier, List<String> wrong, String name) {
    boolean onlyClassifier = wrong.stream().allMatch(problem -> problem.contains(" " + classifier));
    String more =
        wrong.size() == 1
            ? ""
            : String.format(Locale.ROOT, " (and %d more tensors)", wrong.size() - 1);
    return new SlipwayException(
        Exit.INPUT,
        "model.weights",
        name + " for " + ready.kind() + ": " + wrong.getFirst() + more,
        onlyClassifier
            ? "set classes: 0 and put a dense layer behind it to learn other classes"
            : "use weights that torchvision saved for this network",
        wrong);
  }
}
