package dev.slipway.recipe.examples;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.feature.Feature;
import dev.slipway.model.LayerTable;
import dev.slipway.model.ModelConfig;
import dev.slipway.model.Network;
import dev.slipway.model.NetworkFiles;
import dev.slipway.model.factorisation.Factorisation;
import dev.slipway.model.factorisation.FactorisationConfig;
import dev.slipway.model.factorisation.FactorisationFolder;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.SentenceModules;
import dev.slipway.model.seq2seq.EncoderDecoder;
import dev.slipway.model.seq2seq.EncoderDecoderConfig;
import dev.slipway.model.seq2seq.EncoderDecoderFolder;
import dev.slipway.model.sequential.Head;
import dev.slipway.model.sequential.Initialiser;
import dev.slipway.model.sequential.Layer;
import dev.slipway.model.sequential.ReadyNetwork;
import dev.slipway.model.sequential.Sequential;
import dev.slipway.model.sequential.SequentialConfig;
import dev.slipway.model.sequential.SequentialFolder;
import dev.slipway.model.sequential.Torchvision;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSet;
import dev.slipway.recipe.ModelSettings;
import dev.slipway.task.EncoderTasks;
import dev.slipway.task.FinalActivation;
import dev.slipway.task.Task;
import dev.slipway.task.TaskData;
import dev.slipway.task.TaskFolder;
import dev.slipway.tune.TunedEncoder;
import dev.slipway.weights.SafeTensors;
import dev.slipway.weights.ShardedWeights;
import dev.slipway.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A network before it exists: the recipe's model for these examples and this task. */
public sealed interface Blueprint
    permits Blueprint.OfLayers, Blueprint.OfFactors, Blueprint.OfTexts, EncoderBlueprint {
  /** With first values drawn from a seed. */
  Network create(long seed);

  /**
   * What each part gives and costs.
   *
   * @param lengths of an example in those inputs that differ from example to example, by name
   */
  LayerTable table(Map<String, Integer> lengths);

  /** How many of its parameters learn. */
  default long learning() {
    return table(Map.of()).parameters();
  }

  /** Writes a trained network of this kind into a folder that is there. */
  void write(Path folder, Network network) throws IOException;

  /**
   * The recipe's network, checked against what it is given.
   *
   * @throws SlipwayException {@code model.…} where it does not fit
   */
  static Blueprint of(ModelSettings model, TaskData data) {
    return switch (model) {
      case ModelSettings.Sequential sequential ->
          new OfLayers(
              layers(sequential.layers(), sequential.heads(), data),
              sequential.initialiser(),
              sequential.weights(),
              sequential.freeze());
      case ModelSettings.Factorisation(FactorisationConfig.Size size) -> {
        List<InputShape> inputs = data.inputs();
        yield new OfFactors(Factorisation.config(size, inputs), inputs);
      }
      case ModelSettings.EncoderDecoder(EncoderDecoderConfig.Size size) ->
          new OfTexts(texts(size, data));
      case ModelSettings.Pretrained _ ->
          throw new IllegalStateException("a pretrained model is opened by its folder");
      case ModelSettings.Gpt _ -> throw new IllegalStateException("no network for examples");
    };
  }

  private static SequentialConfig layers(List<Layer> layers, List<Head> heads, TaskData data) {
    Task task = data.task().task();
    Map<String, Integer> widths = new LinkedHashMap<>();
    task.heads().forEach(head -> widths.put(head.name(), head.width()));
    List<Layer> trunk =
        heads.isEmpty() ? ReadyNetwork.resolved(layers, task.heads().getFirst().width()) : layers;
    List<Head> resolved = new ArrayList<>();
    for (Head head : heads) {
      resolved.add(
          new Head(
              head.name(),
              ReadyNetwork.resolved(head.layers(), widths.getOrDefault(head.name(), 1))));
    }
    return FinalActivation.folded(new SequentialConfig(data.inputs(), trunk, resolved), task);
  }

  private static EncoderDecoderConfig texts(EncoderDecoderConfig.Size size, TaskData data) {
    List<Feature> features = data.features();
    InputShape source = features.getFirst().shape();
    if (features.size() != 1 || source.kind() != InputShape.Kind.IDS) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.encoder-decoder-inputs",
          "the encoder-decoder is given " + features.size() + " inputs, expected one text",
          "write inputs: [ { pieces: { field: source, name: source } } ]");
    }
    return new EncoderDecoderConfig(
        source.cardinalities().getFirst(), data.task().task().heads().getFirst().width(), size);
  }

  /** Opens the network of a model folder by what its {@code config.json} says. */
  static Network open(Path folder) {
    if (EncoderFolder.isEncoder(folder)) {
      return EncoderTasks.network(
          TunedEncoder.answering(folder),
          TaskFolder.open(folder).task(),
          SentenceModules.of(folder).pooling());
    }
    return switch (NetworkFiles.architecture(folder)) {
      case FactorisationFolder.ARCHITECTURE -> FactorisationFolder.open(folder);
      case EncoderDecoderFolder.ARCHITECTURE -> EncoderDecoderFolder.open(folder);
      default -> SequentialFolder.open(folder);
    };
  }

  /** Layers, one after the other. */
  record OfLayers(
      SequentialConfig config,
      Initialiser initialiser,
      Optional<String> weights,
      List<String> freeze)
      implements Blueprint {
    /**
     * @throws SlipwayException {@code model.weights} and others where the weights are of another
     *     network, {@code model.freeze} where a name is nobody's or nothing is left to learn
     */
    @Override
    public Network create(long seed) {
      Sequential network = Sequential.create(config, initialiser, seed);
      try {
        if (weights.isPresent()) {
          Path path = Path.of(weights.get());
          try (WeightSource source =
              Files.isDirectory(path) ? ShardedWeights.open(path) : SafeTensors.open(path)) {
            Torchvision.pretrain(network, source, weights.get());
          }
        }
        Frozen.apply(network.parameters(), freeze);
        return network;
      } catch (RuntimeException e) {
        network.close();
        throw e;
      }
    }

    @Override
    public LayerTable table(Map<String, Integer> lengths) {
      return config.table(lengths);
    }

    @Override
    public void write(Path folder, Network network) throws IOException {
      SequentialFolder.write(folder, (Sequential) network);
    }
  }

  /** Users and items. */
  record OfFactors(FactorisationConfig config, List<InputShape> inputs) implements Blueprint {
    @Override
    public Network create(long seed) {
      return new Factorisation(config, inputs, drawn(config, seed));
    }

    @Override
    public LayerTable table(Map<String, Integer> lengths) {
      InputShape last = inputs.getLast();
      return config.table(
          last.name().equals(Factorisation.CANDIDATES)
              ? last.isVariable()
                  ? lengths.getOrDefault(last.name(), 1)
                  : Math.toIntExact(last.sizes().stream().reduce(1L, Math::multiplyExact))
              : 1);
    }

    @Override
    public void write(Path folder, Network network) throws IOException {
      FactorisationFolder.write(folder, (Factorisation) network, inputs);
    }
  }

  /** A text from another. */
  record OfTexts(EncoderDecoderConfig config) implements Blueprint {
    @Override
    public Network create(long seed) {
      return new EncoderDecoder(config, drawn(config, seed));
    }

    @Override
    public LayerTable table(Map<String, Integer> lengths) {
      return config.table(
          lengths.getOrDefault(EncoderDecoder.SOURCE, 1),
          lengths.getOrDefault(EncoderDecoder.TARGET, 1));
    }

    @Override
    public void write(Path folder, Network network) throws IOException {
      EncoderDecoderFolder.write(folder, (EncoderDecoder) network);
    }
  }

  private static ParameterSet drawn(ModelConfig config, long seed) {
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(seed);
    return parameters;
  }
}
