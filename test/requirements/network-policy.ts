/** What each runtime's sandboxes may reach, and how many there may be: issue "sandbox engine", Network policy. */
export const networkPolicy = {
  'network:egress-off': {
    text: 'A sandbox with egress off reaches nothing but the internal listener, not even what the server opens to others, and resolves no names',
    source: 'issue sandbox engine, Network policy',
  },
  'network:egress-on': {
    text: "Egress can be on for one runtime where the server's is off",
    source: 'issue sandbox engine, Network policy',
  },
  'network:allow-list': {
    text: 'A sandbox with an allow-list reaches the named ranges and ports and nothing else; closed ranges stay closed unless BERTH_ALLOW_CIDR opens them',
    source: 'issue sandbox engine, Network policy',
  },
  'network:vpc': {
    text: 'The network mode VPC reaches the ranges that its subnets have and its security groups allow, and nothing of the internet',
    source: 'issue sandbox engine, Network policy',
  },
  'network:dns': {
    text: 'With an allow-list only its names resolve, and only to IPv4 addresses; other names do not exist, and nobody is asked for them',
    source: 'issue sandbox engine, Network policy ("DNS included")',
  },
  'network:dns-open-first': {
    text: 'An address of an allowed name is open to the sandbox that asked, and the port in its list, by the time the answer arrives',
    source: 'issue sandbox engine, Network policy ("DNS included")',
  },
  'network:dns-only-resolver': {
    text: "A sandbox with an allow-list reaches no resolver but Berth's, and Berth's serves nobody else",
    source: 'issue sandbox engine, Network policy ("DNS included")',
  },
  'network:dns-rebinding': {
    text: 'A name does not resolve to addresses of closed ranges',
    source: 'issue sandbox engine, Network policy ("DNS included")',
  },
  'network:dns-limits': {
    text: 'What one sandbox may look up is limited in rate and number at once, and does not slow the others down',
    source: 'issue sandbox engine, Network policy / threat model',
  },
  'network:dns-fair': {
    text: 'What names have opened and which connections outlive that is bounded by sandbox: none takes the room of others, and what fails does not count',
    source: 'issue sandbox engine, Network policy / threat model',
  },
  'network:dns-connections': {
    text: 'A connection to an address of an allowed name outlives the time that the address was given for',
    source: 'issue sandbox engine, Network policy',
  },
  'network:options': {
    text: 'The option berth:egress is on, off or an allow-list, which may go on in further tags; options that contradict each other, or the network mode, are refused',
    source: 'issue sandbox engine, Network policy ("per runtime")',
  },
  'network:list-form': {
    text: 'An allow-list holds names, wildcards in a spelling that tags allow, IPv4 addresses and ranges, each with a port or without; anything else is refused',
    source: 'issue sandbox engine, Network policy',
  },
  'network:vpc-ids': {
    text: 'The network mode VPC takes subnets and security groups that the operator named, shows them again, and refuses any other',
    source: 'issue sandbox engine, Network policy / contract 2.1 (NetworkConfiguration)',
  },
  'network:file': {
    text: 'The file of BERTH_NETWORKS is checked when the server starts; what is wrong in it is said by place',
    source: 'issue sandbox engine, Network policy',
  },
  'network:beside-others': {
    text: "Rules are made and removed cleanly beside Docker's and firewalld's, and made again when those make theirs anew",
    source: 'issue sandbox engine, Network policy',
  },
  'network:flushed': {
    text: 'When another program flushes the firewall, sandboxes reach no other machine until the rules are back, and the server puts them back by itself',
    source: 'issue sandbox engine, Network policy',
  },
  'network:undisturbed': {
    text: 'Rules that are in place are not made anew: what they count and know of connections goes on while others change their firewalls',
    source: 'issue sandbox engine, Network policy',
  },
  'network:policy-kept': {
    text: "A sandbox's policy holds for as long as it lives: over a restart or crash of the server, and when another program flushes the firewall; nothing is left of it afterwards",
    source: 'issue sandbox engine, Network policy',
  },
  'network:no-inheritance': {
    text: 'A sandbox does not inherit connections that the former owner of its address had open',
    source: 'issue sandbox engine, Network policy',
  },
  'network:many-bridges': {
    text: 'There may be more sandboxes than one bridge has ports for; those on different bridges reach each other as little as those on one',
    source: 'issue sandbox engine, Network policy',
  },
  'network-policy:own-subnet': {
    text: 'Servers of one machine that start at the same moment never take the same range',
    source: 'issue sandbox engine, Network policy',
  },
  'network-policy:lock-of-root': {
    text: 'Only root can hold up servers that set up their networks, and one that is killed holds up nobody',
    source: 'threat model, local users',
  },
} as const;
