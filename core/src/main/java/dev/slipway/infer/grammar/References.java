package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A schema document whose references are labels: schemas of equal text mean the same wherever they
 * stand, though an {@code $id} makes {@code #/$defs/a} lead elsewhere than in the schema around it,
 * and a {@code $dynamicRef} to where the first schema on the way there says (JSON Schema 2020-12,
 * core, §8.2). A schema that may be entered on several such ways has a label for each.
 */
final class References {
  /** Keywords that refer; before draft 2020-12, {@code $recursiveRef}. */
  static final List<String> KEYWORDS = List.of("$ref", "$dynamicRef", "$recursiveRef");

  private static final Set<String> SCHEMAS =
      Set.of(
          "items",
          "additionalItems",
          "contains",
          "additionalProperties",
          "propertyNames",
          "not",
          "if",
          "then",
          "else",
          "unevaluatedItems",
          "unevaluatedProperties");

  private static final Set<String> LISTS =
      Set.of("allOf", "anyOf", "oneOf", "prefixItems", "items");

  private static final Set<String> MAPS =
      Set.of("properties", "patternProperties", "dependentSchemas", "dependencies");

  /** Hold schemas that nothing but a reference leads to. */
  private static final Set<String> DEFINITIONS = Set.of("$defs", "definitions");

  /** Say nothing of values, and would make schemas differ. */
  private static final Set<String> SILENT =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "$comment",
          "$schema",
          "$id",
          "$anchor",
          "$dynamicAnchor",
          "$recursiveAnchor");

  /** The name under which {@code $recursiveAnchor} is a dynamic anchor. */
  private static final String RECURSIVE = "";

  /** A schema with an {@code $id}, or the document. */
  private record Resource(
      String uri,
      String place,
      JsonNode node,
      Map<String, JsonNode> anchors,
      Set<String> repeated,
      Map<String, JsonNode> dynamic) {}

  /**
   * Where a reference leads: a schema, and what it was entered by.
   *
   * @param scope for each dynamic anchor the outermost resource on the way that has it
   */
  private record Target(JsonNode node, Map<String, Resource> scope) {}

  private final JsonNode document;
  private final boolean beforeDraft2019;
  private final Map<String, Resource> resources = new HashMap<>();
  private final IdentityHashMap<JsonNode, Resource> within = new IdentityHashMap<>();
  private final IdentityHashMap<JsonNode, String> places = new IdentityHashMap<>();
  private final Map<String, JsonNode> labelled = new HashMap<>();
  private final Deque<Map.Entry<String, Target>> open = new ArrayDeque<>();
  private final String root;

  References(JsonNode document) {
    this.document = document;
    String dialect = document.path("$schema").asString("");
    beforeDraft2019 = dialect.contains("json-schema.org/draft-0");
    Resource whole = resource("", "#", document);
    index(document, "#", whole);
    // Those who write schemas for answers give them ids or not: "#" is the document either way.
    resources.put("", within.getOrDefault(document, whole));
    this.root = label(document, Map.of());
    while (!open.isEmpty()) {
      Map.Entry<String, Target> next = open.remove();
      Target target = next.getValue();
      labelled.put(next.getKey(), copy(target.node(), target.scope()));
    }
  }

  /** The document itself, with labels in place of references. */
  JsonNode root() {
    return follow(root);
  }

  /** Whether the document says that it is of a draft. */
  boolean isOf(String draft) {
    return document.path("$schema").asString("").contains(draft);
  }

  /** The schema that a label stands for. */
  JsonNode follow(String label) {
    JsonNode target = labelled.get(label);
    if (target == null) {
      throw refusal(label);
    }
    return target;
  }

  /** A JSON pointer to a schema in the document; null where none of these is one. */
  @Nullable String place(JsonNode schema) {
    return places.get(schema);
  }

  private static SlipwayException refusal(String reference) {
    if (!reference.startsWith("#")) {
      return Refusal.unsupported(
          "the schema's $ref " + reference + " leads to another document, which is not fetched",
          "put what it refers to under $defs, and refer to it by #/$defs/name");
    }
    return Refusal.invalid(
        "the schema's $ref " + reference + " leads to no place, or to several, of the same schema",
        "refer to a place in the same schema, such as #/$defs/name");
  }

  // ---- what can be referred to ----

  private Resource resource(String uri, String place, JsonNode node) {
    Resource made =
        new Resource(uri, place, node, new HashMap<>(), new HashSet<>(), new HashMap<>());
    resources.putIfAbsent(uri, made);
    return made;
  }

  private void index(JsonNode schema, String place, Resource around) {
    if (!schema.isObject() || within.containsKey(schema)) {
      return;
    }
    Effort.spend(1);
    Resource own = around;
    String id = schema.path("$id").asString("");
    // Before draft 2019-09 what stands beside a $ref is not looked at.
    if (!id.isEmpty() && !(beforeDraft2019 && schema.has("$ref"))) {
      if (id.startsWith("#")) {
        anchor(own, id.substring(1), schema);
      } else {
        own = resource(withoutFragment(resolve(around.uri(), id)), place, schema);
        if (id.contains("#") && !id.endsWith("#")) {
          anchor(own, id.substring(id.indexOf('#') + 1), schema);
        }
      }
    }
    within.put(schema, own);
    places.put(schema, place);
    anchor(own, schema.path("$anchor").asString(""), schema);
    String dynamic = schema.path("$dynamicAnchor").asString("");
    anchor(own, dynamic, schema);
    if (!dynamic.isEmpty()) {
      own.dynamic().put(dynamic, schema);
    }
    if (schema.path("$recursiveAnchor").asBoolean(false)) {
      own.dynamic().put(RECURSIVE, schema);
    }
    for (Map.Entry<String, JsonNode> entry : schema.properties()) {
      String keyword = entry.getKey();
      JsonNode value = entry.getValue();
      String at = place + "/" + escaped(keyword);
      if (value.isObject() && (MAPS.contains(keyword) || DEFINITIONS.contains(keyword))) {
        for (Map.Entry<String, JsonNode> one : value.properties()) {
          index(one.getValue(), at + "/" + escaped(one.getKey()), own);
        }
      } else if (value.isArray() && LISTS.contains(keyword)) {
        for (int i = 0; i < value.size(); i++) {
          index(value.get(i), at + "/" + i, own);
        }
      } else if (SCHEMAS.contains(keyword)) {
        index(value, at, own);
      }
    }
  }

  private static void anchor(Resource resource, String name, JsonNode schema) {
    JsonNode other = name.isEmpty() ? null : resource.anchors().putIfAbsent(name, schema);
    if (other != null && !isSame(other, schema)) {
      resource.repeated().add(name);
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(JsonNode a, @Nullable JsonNode b) {
    return a == b;
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  // ---- where references lead ----

  /** The document with labels in place of references, entered by a scope. */
  private JsonNode copy(JsonNode schema, Map<String, Resource> entered) {
    if (!schema.isObject()) {
      return schema;
    }
    Effort.spend(2);
    Map<String, Resource> scope = entering(schema, entered);
    ObjectNode made = Json.object();
    places.put(made, String.valueOf(places.get(schema)));
    for (Map.Entry<String, JsonNode> entry : schema.properties()) {
      String keyword = entry.getKey();
      JsonNode value = entry.getValue();
      if (SILENT.contains(keyword) || DEFINITIONS.contains(keyword)) {
        continue;
      }
      if (KEYWORDS.contains(keyword) && value.isString()) {
        made.put(keyword, label(schema, keyword, value.stringValue(), scope));
      } else if (value.isObject() && MAPS.contains(keyword)) {
        ObjectNode schemas = made.putObject(keyword);
        value.properties().forEach(one -> schemas.set(one.getKey(), copy(one.getValue(), scope)));
      } else if (value.isArray() && LISTS.contains(keyword)) {
        ArrayNode schemas = made.putArray(keyword);
        value.forEach(one -> schemas.add(copy(one, scope)));
      } else {
        made.set(keyword, SCHEMAS.contains(keyword) ? copy(value, scope) : value);
      }
    }
    return isAnything(made.path("not")) ? BooleanNode.FALSE : made;
  }

  /** Whether a schema that was copied says nothing. */
  static boolean isAnything(JsonNode schema) {
    return schema.isBoolean() ? schema.booleanValue() : schema.isObject() && schema.isEmpty();
  }

  private Map<String, Resource> entering(JsonNode schema, Map<String, Resource> scope) {
    Resource own = within.get(schema);
    if (own == null || scope.keySet().containsAll(own.dynamic().keySet())) {
      return scope;
    }
    Map<String, Resource> more = new TreeMap<>(scope);
    own.dynamic().keySet().forEach(name -> more.putIfAbsent(name, own));
    return more;
  }

  /** The label of what a keyword leads to, or what it says where it leads out of the document. */
  private String label(
      JsonNode schema, String keyword, String reference, Map<String, Resource> scope) {
    Resource own = within.get(schema);
    String uri = resolve(own == null ? "" : own.uri(), reference);
    Resource resource = resources.get(withoutFragment(uri));
    if (resource == null) {
      return reference;
    }
    String fragment = uri.contains("#") ? uri.substring(uri.indexOf('#') + 1) : "";
    JsonNode target = at(resource, fragment);
    if (target == null) {
      boolean inRoot = isSame(resource.node(), document);
      return "#" + fragment + (inRoot ? "" : " within " + resource.place());
    }
    String dynamic = keyword.equals("$recursiveRef") ? RECURSIVE : fragment;
    if (!keyword.equals("$ref") && isSame(target, resource.dynamic().get(dynamic))) {
      target = scope.getOrDefault(dynamic, resource).dynamic().getOrDefault(dynamic, target);
    }
    return label(target, scope);
  }

  private String label(JsonNode target, Map<String, Resource> scope) {
    Map<String, Resource> entered = entering(target, scope);
    StringBuilder label = new StringBuilder();
    label.append(target.isObject() ? places.get(target) : "#" + target);
    // Only what is not the same on all ways tells labels apart.
    Resource whole = within.get(document);
    entered.forEach(
        (name, resource) -> {
          if (whole == null || !whole.dynamic().containsKey(name)) {
            label.append(" with ").append(name).append(" of ").append(resource.place());
          }
        });
    String known = label.toString();
    if (!labelled.containsKey(known)) {
      labelled.put(known, target); // until it is copied
      open.add(Map.entry(known, new Target(target, entered)));
    }
    return known;
  }

  private @Nullable JsonNode at(Resource resource, String fragment) {
    if (fragment.isEmpty()) {
      return resource.node();
    }
    String name = URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
    if (!name.startsWith("/")) {
      return resource.repeated().contains(name) ? null : resource.anchors().get(name);
    }
    JsonNode target = resource.node();
    Resource around = resource;
    for (String part : name.substring(1).split("/", -1)) {
      String key = part.replace("~1", "/").replace("~0", "~");
      around = within.getOrDefault(target, around);
      target =
          target.isArray() && key.matches("\\d{1,9}")
              ? target.path(Integer.parseInt(key))
              : target.path(key);
    }
    if (target.isMissingNode()) {
      return null;
    }
    index(target, resource.place() + name, around); // under a keyword that none knows
    return target;
  }

  private static String withoutFragment(String uri) {
    int at = uri.indexOf('#');
    return at < 0 ? uri : uri.substring(0, at);
  }

  /** RFC 3986 §5.2, as far as Java has it; of URNs only fragments. */
  private static String resolve(String base, String reference) {
    if (reference.isEmpty() || reference.startsWith("#")) {
      return base + reference;
    }
    try {
      URI uri = new URI(reference);
      return base.isEmpty() || uri.isAbsolute() ? reference : new URI(base).resolve(uri).toString();
    } catch (URISyntaxException e) {
      return reference; // names no resource that has another spelling
    }
  }
}
