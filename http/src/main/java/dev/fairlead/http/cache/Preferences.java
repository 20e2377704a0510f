package dev.fairlead.http.cache;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Lists of codings or languages with how much each is liked (RFC 9110 §12.4.2), in a normal form: the most liked
/// first, with numbers written in one way. Of two that are liked alike the order stays, for some servers go by it
/// (RFC 9110 §12.5.4). Pure.
final class Preferences {
    private static final int MOST = 1000;

    private Preferences() {}

    private record Liked(String what, int thousandths) {
        @Override
        public String toString() {
            return thousandths == MOST ? what : what + ";q=" + thousandths;
        }
    }

    /// Of a list in lower case; as it is when it is no such list.
    static String normal(String list) {
        if (list.indexOf(';') < 0) {
            return list;
        }
        List<Liked> all = new ArrayList<>();
        int from = 0;
        while (from <= list.length()) {
            int comma = list.indexOf(',', from);
            int end = comma < 0 ? list.length() : comma;
            String item = list.substring(from, end);
            from = end + 1;
            int semicolon = item.indexOf(';');
            int thousandths = semicolon < 0
                    ? MOST
                    : thousandths(item.substring(semicolon + 1).strip());
            if (thousandths < 0) {
                return list;
            }
            String what = semicolon < 0 ? item : item.substring(0, semicolon);
            if (!what.isBlank()) {
                all.add(new Liked(what.strip(), thousandths));
            }
        }
        all.sort(Comparator.comparingInt(Liked::thousandths).reversed());
        StringBuilder normal = new StringBuilder();
        for (Liked each : all) {
            normal.append(normal.isEmpty() ? "" : ",").append(each);
        }
        return normal.toString();
    }

    /// -1 for what is no weight.
    private static int thousandths(String weight) {
        if (!weight.startsWith("q=") || weight.length() < 3 || weight.length() > 7) {
            return -1;
        }
        char first = weight.charAt(2);
        if (first != '0' && first != '1' || weight.length() > 3 && weight.charAt(3) != '.') {
            return -1;
        }
        int all = first - '0';
        for (int i = 4; i < 7; i++) {
            char digit = i < weight.length() ? weight.charAt(i) : '0';
            if (digit < '0' || digit > '9') {
                return -1;
            }
            all = all * 10 + digit - '0';
        }
        return all > MOST ? -1 : all;
    }
}
