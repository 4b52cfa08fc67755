package dev.slipway.hub;

import dev.slipway.base.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The cache as {@code huggingface_hub} lays it out: {@code models--ORG--NAME/blobs/ETAG} holds the
 * files, {@code snapshots/COMMIT/} links to them by their names, {@code refs/REVISION} tells a
 * revision's commit.
 */
public record HubCache(Path root) {
  Path repo(RepoId id) {
    return root.resolve("models--" + id.organisation() + "--" + id.name());
  }

  Path blob(RepoId id, String etag) {
    return repo(id).resolve("blobs").resolve(etag);
  }

  Path snapshot(RepoId id, String commit) {
    return repo(id).resolve("snapshots").resolve(commit);
  }

  /** The folder of a model that was pulled before, by this program or by Python. */
  public Optional<Path> find(RepoId id) {
    Path ref = repo(id).resolve("refs").resolve(id.revision());
    String commit = id.revision();
    if (Files.isRegularFile(ref)) {
      try {
        commit = Files.readString(ref, StandardCharsets.UTF_8).strip();
      } catch (IOException e) {
        throw AtomicFiles.problem(ref, e);
      }
    }
    Path folder = snapshot(id, commit);
    return Files.isDirectory(folder) ? Optional.of(folder) : Optional.empty();
  }

  void rememberCommit(RepoId id, String commit) {
    boolean known = find(id).filter(snapshot(id, commit)::equals).isPresent();
    if (!id.isCommit() && !known) { // a cache that is up to date may be read-only
      AtomicFiles.write(repo(id).resolve("refs").resolve(id.revision()), commit);
    }
  }

  /** Puts a blob into a snapshot by its name. */
  void link(RepoId id, String commit, String file, String etag) {
    Path blob = blob(id, etag);
    Path link = snapshot(id, commit).resolve(file);
    try {
      Path folder = link.getParent();
      if (folder == null) {
        throw new IllegalArgumentException("a snapshot has no file " + file);
      }
      Files.createDirectories(folder);
      if (Files.isSymbolicLink(link) && !Files.exists(link)) {
        Files.delete(link); // its blob is gone
      }
      if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      Files.createSymbolicLink(link, folder.relativize(blob));
    } catch (FileAlreadyExistsException _) {
      // Another process was faster.
    } catch (UnsupportedOperationException _) {
      AtomicFiles.writeAt(link, partial -> Files.copy(blob, partial));
    } catch (IOException e) {
      throw AtomicFiles.problem(link, e);
    }
  }
}
