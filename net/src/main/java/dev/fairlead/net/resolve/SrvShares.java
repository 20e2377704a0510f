package dev.fairlead.net.resolve;

import java.util.List;

/// The weights of SRV records as weights of endpoints. Pure.
final class SrvShares {
    /// The greatest weight of an endpoint.
    static final int WEIGHT_MAX = 1000;

    private SrvShares() {}

    /// The weight of each address of each target: a target's weight is shared by its addresses. Weights that
    /// endpoints can have are taken as they are. RFC 2782: all 0 means no difference, and 0 beside others "a very
    /// small chance", here one in a thousand of the greatest.
    static int[] of(List<Integer> weights, List<Integer> addresses) {
        double greatest = 0;
        boolean fits = true;
        boolean isEven = weights.stream().allMatch(each -> each == 0);
        for (int i = 0; i < weights.size(); i++) {
            int weight = isEven ? 1 : weights.get(i);
            greatest = Math.max(greatest, share(weight, addresses.get(i)));
            fits &= weight > 0 && weight <= WEIGHT_MAX && addresses.get(i) <= 1;
        }
        int[] shares = new int[weights.size()];
        for (int i = 0; i < shares.length; i++) {
            int weight = isEven ? 1 : weights.get(i);
            shares[i] = fits
                    ? weight
                    : (int) Math.max(1, Math.round(share(weight, addresses.get(i)) / greatest * WEIGHT_MAX));
        }
        return shares;
    }

    private static double share(int weight, int addresses) {
        return (double) weight / Math.max(1, addresses);
    }
}
