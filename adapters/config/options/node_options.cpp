// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace text_formats;

constexpr option node_rows[] = {
    {.names = {"WORKER_ROLE", "role"},
     .value = choice{&settings::role, {"all", "coordinator", "worker"}},
     .meaning = "What this process is: everything; a coordinator, which leaves the work to worker "
                "nodes; or such a node, without API, queue and records. Also --role."},
    {.names = {"NODE_LISTEN", "nodeListen"},
     .value = text{&settings::node_listen, or_empty(listen_address)},
     .meaning = "Where worker nodes may join, by mutual TLS only; port 0 is any free one. Empty: "
                "nowhere."},
    {.names = {"NODE_JOIN", "nodeJoin"},
     .value = text{&settings::node_join, or_empty(coordinators)},
     .meaning = "The coordinators of a worker node: it belongs to one at a time, and goes to the "
                "next when that one is lost. Also --join HOST:PORT, once for each."},
    {.names = {"NODE_NAME", "nodeName"},
     .value = text{&settings::node_name, or_empty(short_name)},
     .meaning = "The name of this node, which no other may have. Empty: the host's name."},
    {.names = {"NODE_TLS_CERTIFICATE", "nodeTlsCertificate"},
     .value = text{&settings::node_tls_certificate, or_empty(file_name)},
     .meaning = "PEM file of the certificate that this process shows to nodes or coordinators."},
    {.names = {"NODE_TLS_KEY", "nodeTlsKey"},
     .value = text{&settings::node_tls_key, or_empty(file_name)},
     .meaning = "PEM file of that certificate's key."},
    {.names = {"NODE_TLS_CA", "nodeTlsCa"},
     .value = text{&settings::node_tls_ca, or_empty(file_name)},
     .meaning = "PEM file of the authority that has signed the certificates of both sides. A "
                "coordinator's certificate is for the host in NODE_JOIN, a node's for NODE_NAME."},
    {.names = {"NODE_TLS_CRL", "nodeTlsCrl"},
     .value = text{&settings::node_tls_crl, or_empty(file_name)},
     .meaning = "PEM file of the certificates that this authority has revoked. When it is out of "
                "date, no certificate is accepted. Empty: none are revoked."},
};

}  // namespace

option_group node_options() noexcept {
  return {"Nodes", node_rows};
}

}  // namespace stayler::adapters
