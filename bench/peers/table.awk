# results.tsv -> one table of medians for each scenario, and Fairlead's ratio to the better peer.
function median(values, n,    i, j, t) {
    for (i = 2; i <= n; i++) {
        t = values[i] + 0
        for (j = i - 1; j > 0 && values[j] > t; j--) values[j + 1] = values[j]
        values[j + 1] = t
    }
    return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}
function middle(scenario, who, column,    i, n, values) {
    n = count[scenario, who]
    for (i = 1; i <= n; i++) values[i] = cell[scenario, who, i, column] + 0
    return median(values, n)
}
function latency(scenario, who, column,    value) { # openssl tells none
    value = middle(scenario, who, column)
    return value ? sprintf("%d", value) : "-"
}
{
    n = ++count[$1, $2]
    for (column = 3; column <= 9; column++) cell[$1, $2, n, column] = $column
    cell[$1, $2, n, 11] = $4 + $5
    errors[$1, $2] += $10
}
END {
    systemCount = split(systems, name, " ")
    scenarioCount = split(scenarios, scenario, " ")
    for (s = 1; s <= scenarioCount; s++) {
        bestCpu = bestRate = 0
        print "### " scenario[s] "\n"
        print "| system | requests/s | CPU us/request | user | system | p50 us | p99 us | p99.9 us | resident MiB | errors |"
        print "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        for (i = 1; i <= systemCount; i++) {
            cpu = middle(scenario[s], name[i], 11)
            rate = middle(scenario[s], name[i], 3)
            printf "| %s | %d | **%.2f** | %.2f | %.2f | %s | %s | %s | %.1f | %s |\n", name[i], rate, cpu,
                middle(scenario[s], name[i], 4), middle(scenario[s], name[i], 5), latency(scenario[s], name[i], 6),
                latency(scenario[s], name[i], 7), latency(scenario[s], name[i], 8),
                middle(scenario[s], name[i], 9) / 1024,
                errors[scenario[s], name[i]] ? "**" errors[scenario[s], name[i]] "**" : "0"
            if (name[i] == "fairlead") { ownCpu = cpu; ownRate = rate; continue }
            if (!bestCpu || cpu < bestCpu) { bestCpu = cpu; cheapest = name[i] }
            if (rate > bestRate) { bestRate = rate; fastest = name[i] }
        }
        if (ownCpu && bestCpu)
            printf "\nFairlead to the better peer: CPU **%.2fx** (%s), requests/s %.2fx (%s).\n",
                ownCpu / bestCpu, cheapest, ownRate / bestRate, fastest
        if (s < scenarioCount) print ""
    }
}
