package dev.slipway.task;

import dev.slipway.base.Json;
import dev.slipway.data.column.NumberTransform;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.Preprocessor;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.model.encoder.EncoderConfig;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.TextEncoderConfig;
import dev.slipway.model.pretrained.EncoderFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a published encoder answers whose head is one of a task: its configuration tells the
 * classes, and its own tokenizer reads {@code text}, the {@code words} that tags are for, or {@code
 * question} and {@code context}.
 */
final class PublishedTask {
  /** As much of a long context as a window shows, and what two of them share: as SQuAD's script. */
  private static final int WINDOW = 384;

  private static final int STRIDE = 128;

  private PublishedTask() {}

  /** Whether a folder holds an encoder with a task's head. */
  static boolean isIn(Path folder) {
    return EncoderFolder.taskHead(folder) != null;
  }

  /** The folder as if it had been trained here. */
  static TaskFolder open(Path folder, Head head) {
    TextEncoderConfig config = EncoderFolder.config(folder, head);
    Task task = task(head);
    int longest = longest(folder, config);
    List<Feature> features =
        switch (task) {
          case SequenceTagging tagging ->
              TokensFeature.of(folder, List.of(tagging.tokens()), true, longest, -1);
          case SpanAnswering span ->
              TokensFeature.of(
                  folder,
                  List.of(span.question(), span.context()),
                  false,
                  Math.min(WINDOW, longest),
                  Math.min(STRIDE, longest / 3));
          default -> TokensFeature.of(folder, List.of("text"), false, longest, -1);
        };
    return new TaskFolder(folder, new Preprocessor(features), task);
  }

  private static Task task(Head head) {
    return switch (head) {
      case Head.SequenceClassification(List<String> labels, Head.Problem problem) ->
          switch (problem) {
            case SINGLE_LABEL -> new MultiClassClassification("label", labels);
            case MULTI_LABEL ->
                new MultiLabelClassification(
                    "labels", "|", labels, Collections.nCopies(labels.size(), 0.5));
            case REGRESSION ->
                new Regression(
                    labels.getFirst(),
                    new NumberTransform(labels.getFirst(), null, false, null, false, 0, 1, 0),
                    null);
          };
      case Head.TokenClassification(List<String> labels) ->
          new SequenceTagging("tags", "words", labels);
      case Head.SpanAnswering _ -> SpanAnswering.published();
      case Head.Hidden _, Head.MaskedLanguageModel _ ->
          throw new IllegalArgumentException(head + " is no task's");
    };
  }

  /** Most tokens of a text, special ones included. */
  private static int longest(Path folder, TextEncoderConfig config) {
    EncoderConfig sizes = config.encoder();
    int places =
        sizes.positions() - (config.family().positionsAfterPadding() ? sizes.padId() + 1 : 0);
    Path file = folder.resolve("tokenizer_config.json");
    @Nullable JsonNode said =
        Files.isRegularFile(file) ? Json.read(file).path("model_max_length") : null;
    return said != null && said.isIntegralNumber() && said.canConvertToInt() && said.asInt() > 0
        ? Math.min(places, said.asInt())
        : places;
  }
}
