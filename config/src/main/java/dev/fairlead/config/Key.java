package dev.fairlead.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Describes one key of the config file, on the record component that holds it.
///
/// The binder, the JSON Schema and the reference page are all made from this one annotation, so they cannot
/// disagree. The key is the component's name in kebab case. Words in `value`, `min` and `max` are written as in the
/// file (`5s`, `64KiB`).
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
    /// What the key means, in one or two sentences: unit, and the reason for the default.
    String value();

    /// The text the key has when it is absent; empty: there is none. A `@Nullable` component is then null, a list
    /// or map is empty, a record is bound from nothing (its own defaults), and anything else is a required key.
    String absent() default "";

    /// The least and the greatest allowed value; empty: no bound but the type's.
    String min() default "";

    String max() default "";

    /// A value worth showing in the reference page.
    String example() default "";

    /// True for the component that takes the name under which its record stands in the parent's map; it is no key
    /// of its own.
    boolean isName() default false;
}
