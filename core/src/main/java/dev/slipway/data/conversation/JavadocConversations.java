package dev.slipway.data.conversation;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Doc;
import dev.slipway.data.source.Derivation;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.SourceRecord;
import dev.slipway.data.source.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Conversations about Java: one of each method that has a body and a Javadoc comment, read by the
 * JDK's own compiler. A file that doesn't parse, or has no such method, is dropped whole.
 *
 * @param ask what the assistant is asked for
 */
public record JavadocConversations(Ask ask) implements Derivation {
  /** What the assistant answers. */
  public enum Ask {
    @Doc("The comment's first sentence, from the method's signature and body")
    SUMMARY,
    @Doc("The method's body, from the comment's first sentence and the signature")
    BODY
  }

  private static final String COMPILER_MISSING = "data.no-java-compiler";

  /** A compiler's files, none of which is ours: to make them costs more than a file to parse. */
  private static final ThreadLocal<StandardJavaFileManager> ALONE =
      ThreadLocal.withInitial(JavadocConversations::alone);

  /** A method as it stands in its file. */
  private record Method(String name, long line, String summary, String signature, String body) {}

  @Override
  public List<SourceRecord> of(SourceRecord record, Path path) {
    String text = Utf8.decode(record.content());
    if (text == null) {
      return List.of(
          SourceRecord.dropped(
              record.id(),
              record.bytes(),
              DropReason.NOT_UTF8,
              Utf8.firstInvalid(record.content())));
    }
    List<SourceRecord> conversations = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Method method : methods(text)) {
      String id = record.id() + "#" + method.name() + "-" + method.line();
      if (ids.add(id)) {
        conversations.add(SourceRecord.of(id, Json.bytes(conversation(method))));
      }
    }
    return conversations.isEmpty()
        ? List.of(
            SourceRecord.dropped(
                record.id(), record.bytes(), DropReason.NO_EXAMPLE, "no method with a comment"))
        : conversations;
  }

  private ObjectNode conversation(Method method) {
    String question =
        switch (ask) {
          case SUMMARY -> "Summarise this method.\n\n" + method.signature() + " " + method.body();
          case BODY ->
              "Write the body of this method.\n\n/** "
                  + method.summary()
                  + " */\n"
                  + method.signature();
        };
    String answer =
        switch (ask) {
          case SUMMARY -> method.summary();
          case BODY -> method.body();
        };
    ObjectNode conversation = Json.object();
    conversation
        .putArray("messages")
        .add(Row.message("user", question))
        .add(Row.message("assistant", answer));
    return conversation;
  }

  private static JavaCompiler compiler() {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new SlipwayException(
          Exit.RESOURCE,
          COMPILER_MISSING,
          "this Java is without the module jdk.compiler, which reads Java sources",
          "run Slipway on a whole JDK");
    }
    return compiler;
  }

  private static StandardJavaFileManager alone() {
    StandardJavaFileManager files = compiler().getStandardFileManager(null, null, null);
    try {
      // Else it would open every jar of Slipway's own class path.
      files.setLocation(StandardLocation.CLASS_PATH, List.of());
      files.setLocation(StandardLocation.ANNOTATION_PROCESSOR_PATH, List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("an empty class path can't be set", e);
    }
    return files;
  }

  private static List<Method> methods(String text) {
    JavaCompiler compiler = compiler();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Source.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        };
    List<Method> methods = new ArrayList<>();
    try {
      // Problems are the file's own: a method that could be parsed is one.
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, ALONE.get(), _ -> {}, List.of("-proc:none"), null, List.of(file));
      DocTrees trees = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        new Methods(trees, unit, text, methods).scan(unit, null);
      }
    } catch (IOException e) {
      throw new IllegalStateException("a text in memory can't be read", e);
    }
    return methods;
  }

  private static final class Methods extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final DocTrees trees;
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final String text;
    private final List<Method> found;

    Methods(DocTrees trees, CompilationUnitTree unit, String text, List<Method> found) {
      this.trees = trees;
      this.unit = unit;
      this.positions = trees.getSourcePositions();
      this.text = text;
      this.found = found;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      BlockTree body = method.getBody();
      DocCommentTree comment =
          body == null || trees.getDocComment(getCurrentPath()) == null
              ? null
              : trees.getDocCommentTree(getCurrentPath());
      String summary = comment == null ? "" : new SummaryText().of(comment.getFirstSentence());
      if (body != null && !summary.isBlank()) {
        long start = positions.getStartPosition(unit, method);
        for (AnnotationTree annotation : method.getModifiers().getAnnotations()) {
          start = Math.max(start, positions.getEndPosition(unit, annotation));
        }
        while (start >= 0 && Character.isWhitespace(text.charAt((int) start))) {
          start++;
        }
        long open = positions.getStartPosition(unit, body);
        long close = positions.getEndPosition(unit, body);
        if (start >= 0 && open > start && close > open) {
          String name = method.getName().contentEquals("<init>") ? "new" : method.getName() + "";
          found.add(
              new Method(
                  name,
                  unit.getLineMap().getLineNumber(start),
                  summary,
                  text.substring((int) start, (int) open).strip().replaceAll("\\s+", " "),
                  outdented(text.substring((int) open, (int) close))));
        }
      }
      return super.visitMethod(method, nothing);
    }

    /** A block with the indentation of its last line taken off all lines. */
    private static String outdented(String block) {
      List<String> lines = block.replace("\t", "    ").lines().map(String::stripTrailing).toList();
      String last = lines.getLast();
      int indent = last.length() - last.stripLeading().length();
      StringBuilder out = new StringBuilder();
      for (String line : lines) {
        int own = line.length() - line.stripLeading().length();
        out.append(out.isEmpty() ? "" : "\n").append(line.substring(Math.min(own, indent)));
      }
      return out.toString();
    }
  }
}
