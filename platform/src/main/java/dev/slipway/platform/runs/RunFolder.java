package dev.slipway.platform.runs;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a run's folder. Whatever is missing is not known; whatever is there and can't be read is a
 * problem of the record, never an exception, so that one damaged run hides no other.
 */
public final class RunFolder {
  /** The resolved recipe; a folder without it is no run. */
  public static final String RECIPE = "recipe.yaml";

  public static final String FORECAST = "forecast.json";
  public static final String ACTUAL = "actual.json";
  public static final String EVENTS = "events.jsonl";
  public static final String MODEL = "model";

  private static final List<String> STAMPED =
      List.of(RECIPE, FORECAST, ACTUAL, EVENTS, MODEL, "model/config.json", RunLock.FILE);
  private static final YAMLMapper YAML = YAMLMapper.builder().build();
  private static final int LAST_LINE = 1 << 16;

  private RunFolder() {}

  /** Whether this folder is a run: it has a recipe, or what only a run has. */
  public static boolean isRun(Path folder) {
    return Files.isRegularFile(folder.resolve(RECIPE))
        || Files.isRegularFile(folder.resolve(EVENTS))
        || Files.isRegularFile(folder.resolve(FORECAST));
  }

  /** Reads all that is told of a run. */
  public static RunRecord read(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    List<String> damage = new ArrayList<>();
    SortedMap<String, String> recipe = recipe(absolute, damage);
    JsonNode forecast = json(absolute.resolve(FORECAST), damage);
    JsonNode actual = json(absolute.resolve(ACTUAL), damage);
    Optional<JsonNode> lastEvent = lastEvent(absolute.resolve(EVENTS));
    Path modelFolder = absolute.resolve(MODEL);
    if (Files.isDirectory(modelFolder)) {
      boolean adapter = Files.exists(modelFolder.resolve("adapter_config.json"));
      for (String file :
          adapter
              ? List.of("adapter_model.safetensors", "tokenizer.json")
              : List.of("config.json", "model.safetensors", "tokenizer.json")) {
        if (!Files.isRegularFile(modelFolder.resolve(file))) {
          damage.add("model/" + file + " is missing");
        }
      }
    } else if (actual != null && "finished".equals(text(actual, "status"))) {
      damage.add("the run says that it finished, but it has no model folder");
    }
    List<String> problems = new ArrayList<>(damage);
    RunStatus ended = RunStatus.INTERRUPTED;
    if (!damage.isEmpty()) {
      ended = RunStatus.DAMAGED;
    } else if (actual != null) {
      ended = status(text(actual, "status"));
    } else if (lastEvent.isPresent()) {
      ended = "failed".equals(text(lastEvent.get(), "event")) ? RunStatus.FAILED : ended;
    }
    String error = actual == null ? null : text(actual, "error");
    if (error == null && ended == RunStatus.FAILED && lastEvent.isPresent()) {
      error = text(lastEvent.get(), "error");
    }
    if (error != null) {
      problems.add(error);
    }
    SortedMap<String, Double> forecastNumbers = numbers(forecast);
    SortedMap<String, Double> actualNumbers = numbers(actual);
    Double parameters = first("parameters", actualNumbers, forecastNumbers);
    RunRecord record =
        new RunRecord(
            String.valueOf(absolute.getFileName()),
            absolute,
            recipe.getOrDefault("name", String.valueOf(absolute.getFileName())),
            ended,
            started(absolute),
            newest(absolute),
            parameters == null ? null : parameters.longValue(),
            first("bitsPerByte", actualNumbers, new TreeMap<>()),
            forecastNumbers,
            actualNumbers,
            recipe,
            problems,
            null);
    return live(record);
  }

  /** The record as it is now: whether a process works on the run is never taken from an index. */
  static RunRecord live(RunRecord record) {
    Optional<RunLock.Holder> holder = RunLock.holder(record.folder());
    return holder.isEmpty()
        ? record
        : record.withLiveState(RunStatus.RUNNING, null, holder.get().toString());
  }

  /** Changes whenever one of the files that a record is made from changes. */
  static String stamp(Path folder) {
    StringBuilder stamp = new StringBuilder();
    for (String name : STAMPED) {
      try {
        BasicFileAttributes attributes =
            Files.readAttributes(folder.resolve(name), BasicFileAttributes.class);
        stamp.append(attributes.lastModifiedTime().toMillis()).append(':');
        stamp.append(attributes.isDirectory() ? 0 : attributes.size());
      } catch (IOException e) {
        stamp.append('-'); // not there, or not for us: the same as far as a change goes
      }
      stamp.append(' ');
    }
    return stamp.toString();
  }

  private static RunStatus status(@Nullable String word) {
    if (word == null) {
      return RunStatus.FINISHED;
    }
    return switch (word) {
      case "failed" -> RunStatus.FAILED;
      case "interrupted" -> RunStatus.INTERRUPTED;
      default -> RunStatus.FINISHED;
    };
  }

  private static SortedMap<String, String> recipe(Path folder, List<String> damage) {
    Path file = folder.resolve(RECIPE);
    SortedMap<String, String> values = new TreeMap<>();
    if (!Files.isRegularFile(file)) {
      damage.add(RECIPE + " is missing");
      return values;
    }
    try {
      JsonNode tree = YAML.readTree(Files.readAllBytes(file));
      if (tree == null || !tree.isObject()) {
        damage.add(RECIPE + " is no YAML mapping");
      } else {
        flatten("", tree, values);
      }
    } catch (JacksonException e) {
      damage.add(RECIPE + " is no YAML: " + firstLine(e.getOriginalMessage()));
    } catch (IOException e) {
      damage.add(RECIPE + " can't be read: " + e.getMessage());
    }
    return values;
  }

  private static @Nullable JsonNode json(Path file, List<String> damage) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      JsonNode tree = Json.read(file);
      if (tree.isObject()) {
        return tree;
      }
      damage.add(file.getFileName() + " is no JSON object");
    } catch (SlipwayException e) {
      damage.add(file.getFileName() + " is damaged: " + firstLine(e.getMessage()));
    }
    return null;
  }

  /** The last whole line of the events; a killed process may leave half a one after it. */
  private static Optional<JsonNode> lastEvent(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long start = Math.max(0, in.length() - LAST_LINE);
      byte[] bytes = new byte[(int) (in.length() - start)];
      in.seek(start);
      in.readFully(bytes);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      for (String line : lines.reversed()) {
        try {
          JsonNode event = Json.parse(line, EVENTS);
          if (event.isObject()) {
            return Optional.of(event);
          }
        } catch (SlipwayException e) {
          continue; // half a line
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // being written or rotated: nothing is known of the last event
    }
  }

  private static @Nullable Instant started(Path folder) {
    Path events = folder.resolve(EVENTS);
    if (Files.isRegularFile(events)) {
      try (var lines = Files.newBufferedReader(events, StandardCharsets.UTF_8)) {
        String first = lines.readLine();
        String time = first == null ? null : text(Json.parse(first, EVENTS), "time");
        if (time != null) {
          return Instant.parse(time);
        }
      } catch (IOException | SlipwayException | java.time.DateTimeException e) {
        return modified(folder.resolve(RECIPE)); // no readable first event: the recipe's time
      }
    }
    return modified(folder.resolve(RECIPE));
  }

  private static @Nullable Instant newest(Path folder) {
    Instant newest = null;
    for (String name : List.of(RECIPE, FORECAST, ACTUAL, EVENTS)) {
      Instant modified = modified(folder.resolve(name));
      if (modified != null && (newest == null || modified.isAfter(newest))) {
        newest = modified;
      }
    }
    return newest;
  }

  private static @Nullable Instant modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) {
      return null; // not there
    }
  }

  private static @Nullable Double first(
      String name, SortedMap<String, Double> one, SortedMap<String, Double> other) {
    for (SortedMap<String, Double> numbers : List.of(one, other)) {
      if (numbers.containsKey(name)) {
        return numbers.get(name);
      }
      for (var entry : numbers.entrySet()) {
        if (entry.getKey().endsWith("." + name)) {
          return entry.getValue();
        }
      }
    }
    return null;
  }

  private static SortedMap<String, Double> numbers(@Nullable JsonNode tree) {
    SortedMap<String, Double> numbers = new TreeMap<>();
    if (tree != null) {
      numbers("", tree, numbers);
      addSum(numbers, "seconds.", "seconds.total");
      addSum(numbers, "memory.", "peakMemory");
    }
    return numbers;
  }

  /** What is told part by part has a total too, under the name that the other file may have. */
  private static void addSum(SortedMap<String, Double> numbers, String prefix, String total) {
    double sum = 0;
    boolean any = false;
    for (var entry : numbers.tailMap(prefix).entrySet()) {
      if (!entry.getKey().startsWith(prefix)) {
        break;
      }
      any = true;
      sum += entry.getValue();
    }
    if (any) {
      numbers.putIfAbsent(total, sum);
    }
  }

  private static void numbers(String path, JsonNode node, SortedMap<String, Double> into) {
    if (node.isNumber()) {
      into.put(path, node.doubleValue());
    }
    for (var property : node.properties()) {
      numbers(join(path, property.getKey()), property.getValue(), into);
    }
  }

  private static void flatten(String path, JsonNode node, SortedMap<String, String> into) {
    if (node.isObject() && !node.isEmpty()) {
      for (var property : node.properties()) {
        flatten(join(path, property.getKey()), property.getValue(), into);
      }
    } else {
      into.put(path, node.isString() ? node.stringValue() : node.toString());
    }
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    return value != null && value.isString() ? value.stringValue() : null;
  }

  private static String firstLine(@Nullable String message) {
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  /** A run that a person named by its folder or by its name below {@code home}. */
  static Path find(Path home, String nameOrFolder) {
    List<Path> candidates = new ArrayList<>();
    Collections.addAll(candidates, home.resolve(nameOrFolder), Path.of(nameOrFolder));
    for (Path candidate : candidates) {
      if (Files.isDirectory(candidate) && isRun(candidate)) {
        return candidate.toAbsolutePath().normalize();
      }
    }
    throw new SlipwayException(
        Exit.INPUT,
        "run.missing",
        "there is no run " + nameOrFolder + ", neither in " + home + " nor as a folder",
        "list the runs with slipway runs, or check the path");
  }
}
