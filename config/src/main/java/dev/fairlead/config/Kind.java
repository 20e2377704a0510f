package dev.fairlead.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// On each record of a sealed interface of the config: the word that chooses it. `@Kind(key = "protocol", word =
/// "tcp")` binds the record when the mapping says `protocol: tcp`.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Kind {
    String key();

    String word();

    /// One sentence for the reference page.
    String doc();
}
