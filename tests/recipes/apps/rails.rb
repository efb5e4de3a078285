# ruby rails.rb PORT: Rails' Action Controller and Action Cable, as Debian has them, without the rest of Rails.
require 'action_controller'
require 'action_cable'
require 'puma'

logger = Logger.new($stderr)
ActionController::Base.logger = logger

class ItemsController < ActionController::Base
  self.forgery_protection_origin_check = true  # as the defaults since Rails 5.0
  protect_from_forgery with: :exception
  rescue_from(ActionController::InvalidAuthenticityToken) { head :unprocessable_entity }

  def token = render(plain: form_authenticity_token)
  def create = render(plain: request.origin)
end

ActionCable.server.config.tap do |cable|
  cable.logger = logger
  cable.cable = { 'adapter' => 'async' }
  cable.connection_class = -> { ActionCable::Connection::Base }
end

routes = ActionDispatch::Routing::RouteSet.new
routes.draw do
  get 'token', to: 'items#token'
  post 'items', to: 'items#create'
  mount ActionCable.server => '/cable'
end

app = Rack::Builder.new do
  use Rack::Session::Cookie, secret: 'recipes' * 10
  run routes
end
server = Puma::Server.new(app.to_app)
server.add_tcp_listener('127.0.0.1', Integer(ARGV[0]))
trap('TERM') { exit! }
server.run.join
