package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.Documents;
import dev.slipway.data.SplitName;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.data.source.SourceRecord;
import dev.slipway.data.source.Utf8;
import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.model.Execution;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.run.HeldOut;
import dev.slipway.recipe.run.RunPaths;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleConsumer;

/**
 * Text that a model was not tuned for, on which it shows what it forgot.
 *
 * @param name for people
 */
record RetainedText(String name, List<String> texts) {
  /** Of a document, so that the whole is not one document's matter. */
  private static final int LONGEST = 2_000;

  private static final String OWN = "retained.txt";

  RetainedText {
    texts = List.copyOf(texts);
  }

  /**
   * @throws SlipwayException {@code eval.no-text}, and as {@link Source#detect}
   */
  static RetainedText open(BaseModel base, EvaluateSettings.Retention settings) {
    long size = settings.size().bytes();
    if (!settings.path().isAuto()) {
      Path path = Path.of(settings.path().value());
      List<String> texts = read(Source.detect(path), size);
      if (texts.isEmpty()) {
        throw new SlipwayException(
            Exit.INPUT,
            "eval.no-text",
            path + " has no text to show what was forgotten, expected UTF-8 text",
            "name another path in evaluate.retention, or leave it to auto");
      }
      return new RetainedText(String.valueOf(path.getFileName()), texts);
    }
    Path run = base.folder().toAbsolutePath().getParent();
    Path documents = run == null ? base.folder() : new RunPaths(run).documents();
    if (Documents.areIn(documents)) {
      try (Documents own = Documents.open(documents)) {
        List<String> texts = new ArrayList<>();
        long left = size;
        for (String text : own.texts(SplitName.TEST)) {
          left = add(texts, text, left);
          if (left <= 0) {
            break;
          }
        }
        return new RetainedText("the test split that the model was trained with", texts);
      }
    }
    return new RetainedText("pages of prose and code", pages(size));
  }

  private static List<String> read(Source source, long size) {
    List<String> texts = new ArrayList<>();
    long left = size;
    try (RecordReader reader = source.open()) {
      for (RecordReader.PendingRecord next = reader.next();
          next != null && left > 0;
          next = reader.next()) {
        SourceRecord record = next.read();
        String text = record.problem() == null ? Utf8.decode(record.content()) : null;
        if (text != null) {
          left = add(texts, text, left);
        }
      }
    }
    return texts;
  }

  /** Adds a document's beginning; gives how many bytes more may come. */
  private static long add(List<String> texts, String text, long left) {
    if (text.isBlank()) {
      return left;
    }
    int end = Math.min(text.length(), LONGEST);
    if (Character.isHighSurrogate(text.charAt(end - 1)) && end < text.length()) {
      end--;
    }
    String kept = text.substring(0, end);
    texts.add(kept);
    return left - kept.getBytes(StandardCharsets.UTF_8).length;
  }

  /** What comes with Slipway; texts are parted by lines of dashes. */
  private static List<String> pages(long size) {
    try (InputStream in =
        Objects.requireNonNull(RetainedText.class.getResourceAsStream(OWN), OWN)) {
      List<String> texts = new ArrayList<>();
      long left = size;
      for (String text :
          Arrays.asList(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n-----\n"))) {
        left = left <= 0 ? left : add(texts, text, left);
      }
      return texts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * One score a document.
   *
   * @param rows windows at a time
   */
  List<DocumentScore> score(
      Execution execution, BaseModel base, int rows, DoubleConsumer progress) {
    List<DocumentScore> scores = new ArrayList<>();
    for (String text : texts) {
      scores.add(
          HeldOut.score(
              execution,
              base.tokenizer(),
              "text-" + scores.size(),
              text,
              base.context(),
              rows,
              base.startId(),
              base.endId()));
      progress.accept((double) scores.size() / texts.size());
    }
    return scores;
  }
}
